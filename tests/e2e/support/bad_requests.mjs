// Requests that a server should see through, in groups:
//   { name, bytes, status, answer, keeps, hasBody }
//   bytes   a latin1 string, a character for each byte
//   answer  { text: true }, { bare: body }, { json: shape } or { xml: code }; no shape or code: a result
//   keeps   the connection goes on
// Where bytes are counted wrongly on purpose, a whole request stands where only a confused server
// would look for one.

const kHost = 'Host: localhost\r\n';
const kForm = 'Content-Type: application/x-www-form-urlencoded\r\n';
const kJson = 'Content-Type: application/x-amz-json-1.0\r\n';
const kChunked = 'Transfer-Encoding: chunked\r\n';
const kNoBody = 'Content-Length: 0\r\n';
const kNoChunks = '0\r\n\r\n';
const kMebibyte = 1 << 20;
const kBodyMax = 8 * kMebibyte;

const inUtf8 = (text) => Buffer.from(text).toString('latin1');
const shown = (text) => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}...` : text);

const request = (method, target, fields, body = '') =>
  `${method} ${target} HTTP/1.1\r\n${kHost}${fields}\r\n${body}`;
const get = (target, fields = '') => request('GET', target, fields);
const post = (fields, body = '', path = '/') =>
  request('POST', path, `${fields}Content-Length: ${body.length}\r\n`, body);
const form = (body, path) => post(kForm, body, path);
const json = (body, action = 'ListQueues', type = kJson) =>
  post(`${type}X-Amz-Target: AmazonSQS.${action}\r\n`, body);

// Whoever serves it creates a queue, which is then seen.
const kSmuggled = form('Action=CreateQueue&QueueName=smuggled');

const kText = { text: true };

// The connection ends, whatever follows is not served.
const cut = (name, bytes, status = 400) =>
  ({ name, bytes: bytes + kSmuggled, status, answer: kText, keeps: false });
const kept = (name, bytes, status, answer) => ({ name, bytes, status, answer, keeps: true });

// Framing.

const framed = (name, fields, body = '', status = 400) =>
  cut(name, request('POST', '/', fields, body), status);

const kBadLengths = ['0, 0', '+0', '-0', '-1', '0x0', '0;', '0.0', '1e1', '"0"', '0 0', '\u0660', '0\x0b',
  '\x0c0', '18446744073709551616'];
const kOtherCodings = ['xchunked', 'chunked, identity', 'identity, chunked', 'gzip, chunked', 'identity',
  'chunked;q=1', '"chunked"', 'chunked\t', ''];
const kBrokenCodings = ['\x0bchunked', 'chun\0ked', 'chunked\x7f'];

const smuggling = [
  framed('a length and chunks', `Content-Length: 4\r\n${kChunked}`, kNoChunks),
  framed('chunks and a length', `${kChunked}Content-Length: 4\r\n`, kNoChunks),
  framed('a length of zero and chunks', `${kNoBody}${kChunked}`),
  framed('two lengths, the shorter first', `${kNoBody}Content-Length: ${kSmuggled.length}\r\n`),
  framed('two lengths, the longer first', `Content-Length: ${kSmuggled.length}\r\n${kNoBody}`),
  framed('two equal lengths', kNoBody + kNoBody),
  ...kBadLengths.map((length) =>
    framed(`the length ${shown(length)}`, `Content-Length: ${inUtf8(length)}\r\n`)),
  framed('a length behind a tab', 'Content-Length:\t0\r\n'),
  framed('a length with a space before the colon', 'Content-Length : 0\r\n'),
  framed('a length in a folded line', ` ${kNoBody}`),
  framed('a length on the next line', 'Content-Length:\r\n 0\r\n'),
  framed('a length behind a bare line feed', `X: y\n${kNoBody}`),
  framed('a length behind a bare carriage return', `X: y\r${kNoBody}`),
  framed('a length behind a NUL', `X: y\0${kNoBody}`),
  ...kOtherCodings.map((coding) =>
    framed(`the coding ${shown(coding)}`, `Transfer-Encoding: ${coding}\r\n`, kNoChunks, 501)),
  ...kBrokenCodings.map((coding) =>
    framed(`the coding ${shown(coding)}`, `Transfer-Encoding: ${coding}\r\n`, kNoChunks)),
  framed('two codings', `${kChunked}Transfer-Encoding: identity\r\n`, kNoChunks),
  cut('chunks in HTTP/1.0', `POST / HTTP/1.0\r\n${kHost}${kChunked}\r\n${kNoChunks}`),
  cut('a body on a GET', get('/', `Content-Length: ${kSmuggled.length}\r\n`)),
  cut('chunks on a HEAD', request('HEAD', '/', kChunked, kNoChunks)),
];

const inChunks = (name, body, status) => cut(name, request('POST', '/', kForm + kChunked, body), status);

const kBadSizes = ['-1', '+1', '0x1', '1_0', ' 1', '1 ', '1\t', '', 'g', '000000001', 'FFFFFFFFFFFFFFFFF',
  '1;a\nb', '1;a\0b', '1\n', '1\r'];
const kBadTrailers = ['Host: evil', 'Content-Length: 0', 'Transfer-Encoding: chunked', 'Authorization: AWS4',
  'Content-Type: text/plain', 'X-Amz-Target: AmazonSQS.ListQueues', ' folded', 'No colon', 'A : b', 'A: \0'];

const chunks = [
  ...kBadSizes.map((size) => inChunks(`the chunk size ${shown(size)}`, `${size}\r\na\r\n${kNoChunks}`)),
  inChunks('a chunk longer than its size', `1\r\nab\r\n${kNoChunks}`),
  inChunks('a chunk line of 1 MiB', `1;${'a'.repeat(kMebibyte)}\r\na\r\n${kNoChunks}`),
  inChunks('a chunk above the limit of bodies', '00800001\r\n', 413),
  inChunks('a last chunk with a bare line feed', '0\n\n'),
  ...kBadTrailers.map((trailer) => inChunks(`the trailer ${shown(trailer)}`, `0\r\n${trailer}\r\n\r\n`)),
  inChunks('a trailer of 200 kB', `0\r\nA: ${'a'.repeat(200_000)}\r\n\r\n`),
  inChunks('two thousand trailers', `0\r\n${'A: b\r\n'.repeat(2000)}\r\n`),
  kept('a harmless trailer', request('POST', '/', kForm + kChunked,
    '11\r\nAction=ListQueues\r\n0\r\nX-Checksum: 1\r\n\r\n'), 200, { xml: undefined }),
];

// Heads.

const kBadHosts = ['', 'a b', 'a:b', 'a:0', 'a:65536', 'me@a', 'a/b', '[::1', '::1', 'a..b', '\u00e4', 'a,b'];
const kBadTargets = ['http://localhost/', '//\x7f', 'localhost', '*', '/a b', '/a#b', '/\x01', '/\xc3\xa9', ''];
const kOtherVersions = ['HTTP/0.9', 'HTTP/2.0', 'HTTP/1.2', 'HTTP/9.9'];
const kNoVersions = ['HTTP/1', 'HTTP/1.10', 'http/1.1', 'HTTPS/1.1', 'HTTP/1.1 ', 'HTTP/-1.1'];
const kOtherMethods = ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'];
const kNoAction = { bare: '<UnknownOperationException/>' };

const heads = [
  cut('no host', 'GET / HTTP/1.1\r\n\r\n'),
  cut('two hosts', get('/', kHost)),
  ...kBadHosts.map((host) =>
    cut(`the host ${shown(host)}`, `GET / HTTP/1.1\r\nHost: ${inUtf8(host)}\r\n\r\n`)),
  ...kBadTargets.map((target) => cut(`the target ${shown(target)}`, get(target))),
  cut('a target of 100 kB', get(`/${'a'.repeat(100_000)}`), 414),
  cut('a query of 100 kB', get(`/?Action=ListQueues&X=${'a'.repeat(100_000)}`), 414),
  cut('a header of 1 MiB', get('/', `A: ${'a'.repeat(kMebibyte)}\r\n`), 431),
  cut('a header name of 20 kB', get('/', `${'a'.repeat(20_000)}: 1\r\n`), 431),
  cut('ten thousand headers', get('/', 'A: b\r\n'.repeat(10_000)), 431),
  cut('a hundred and one headers', get('/', 'A: b\r\n'.repeat(100)), 431),
  ...kOtherVersions.map((version) => cut(`the version ${version}`, `GET / ${version}\r\n${kHost}\r\n`, 505)),
  ...kNoVersions.map((version) => cut(`the version ${shown(version)}`, `GET / ${version}\r\n${kHost}\r\n`)),
  cut('a request line of HTTP/0.9', 'GET /\r\n'),
  cut('an empty line', '\r\n'),
  cut('bare line feeds', 'GET / HTTP/1.1\nHost: localhost\n\n'),
  cut('a TLS hello', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'),
  cut('an SSH hello', 'SSH-2.0-OpenSSH_9.2\r\n'),
  cut('a proxy header', 'PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n'),
  cut('the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505),
  cut('CONNECT', request('CONNECT', 'localhost:443', ''), 501),
  cut('an upgrade', get('/', 'Connection: Upgrade\r\nUpgrade: websocket\r\n'), 501),
  cut('an unknown expectation', request('POST', '/', `Expect: 200-maybe\r\n${kNoBody}`), 417),
  cut('an unknown method', request('BREW', '/', ''), 501),
  cut('a method in small letters', request('get', '/', ''), 501),
  ...kOtherMethods.map((method) =>
    kept(`the method ${method}`, request(method, '/', kNoBody), 404, kNoAction)),
  { ...kept('the method HEAD', request('HEAD', '/', ''), 404, {}), hasBody: false },
  cut('a body of 10 GB announced', request('POST', '/', `${kForm}Content-Length: 10000000000\r\n`), 413),
];

// The JSON protocol.

const kUnreadable = { json: 'SerializationException' };
const kUnknownOperation = { json: 'UnknownOperationException' };
const kJsonResult = { json: undefined };

const kBrokenJson = [
  '[]', '[{}]', '"x"', '5', 'true', 'null', ' ', '{', '}', '{}x', '{}{}', '{},', "{'a':1}", '{a:1}',
  '{"a":1,}', '{"a" 1}', '{"a":}', '{"a":tru}', '{"a":nul}', '{"a":NaN}', '{"a":Infinity}', '{"a":1e400}',
  '{"a":01}', '{"a":1.}', '{"a":.5}', '{"a":+1}', '{/**/}', '//\n{}', '{"a":"\\x"}', '{"a":"\\u12"}',
  '{"a":"\\ud800"}', '{"a":"\\udc00"}', '{"\\ud800":1}', '{"a":"b\nc"}', '{"a":"b\0c"}', '{"a":"\xff"}',
  '{"a":"\xc0\xaf"}', '{"a":"\xed\xa0\x80"}', '{"\xff":1}', '\xef\xbb\xbf{}', '\xff\xfe{\0}\0', '{\0}',
  '\0', '{}\0', '{"a":1,"a":1}', '{"MaxResults":1,"MaxResults":2}', '{"MaxResults":1,"Max\\u0052esults":2}',
  '{"x":{"a":1,"a":2}}', '{"x":[{"a":1,"a":2}]}',
];
const nested = (open, close, levels, core = '') => open.repeat(levels) + core + close.repeat(levels);
const repeated = (element, count) => Array.from({ length: count }, () => element).join(',');

const jsonBodies = [
  ...kBrokenJson.map((body) => kept(`the body ${shown(body)}`, json(body), 400, kUnreadable)),
  kept('60 levels of strangers', json(`{"x":${nested('[', ']', 60)}}`), 200, kJsonResult),
  kept('65 levels of lists', json(`{"x":${nested('[', ']', 64)}}`), 400, kUnreadable),
  kept('65 levels of objects', json(nested('{"a":', '}', 65, '1')), 400, kUnreadable),
  kept('100,000 levels of objects', json(nested('{"a":', '}', 100_000, '1')), 400, kUnreadable),
  kept('a million levels that are not closed', json('['.repeat(1_000_000)), 400, kUnreadable),
  kept('100,000 strangers', json(`{"x":[${repeated('{}', 100_000)}]}`), 200, kJsonResult),
  kept('a number of 100,000 digits', json(`{"MaxResults":${'1'.repeat(100_000)}}`), 400, kUnreadable),
  kept('100,000 attribute names',
    json(`{"QueueUrl":"seen","AttributeNames":[${repeated('"All"', 100_000)}]}`, 'GetQueueAttributes'),
    200, kJsonResult),
  kept('100,000 entries of a batch',
    json(`{"QueueUrl":"seen","Entries":[${repeated('{}', 100_000)}]}`, 'SendMessageBatch'),
    400, { json: 'MissingRequiredParameterException' }),
  kept('a queue URL of 1 MiB', json(`{"QueueUrl":"${'a'.repeat(kMebibyte)}"}`, 'PurgeQueue'),
    400, { json: 'QueueDoesNotExist' }),
  kept('a handle of 1 MiB',
    json(`{"QueueUrl":"seen","ReceiptHandle":"${'a'.repeat(kMebibyte)}"}`, 'DeleteMessage'),
    404, { json: 'ReceiptHandleIsInvalid' }),
  kept('a body of the limit', json(`{}${' '.repeat(kBodyMax - 2)}`), 200, kJsonResult),
  cut('a body one byte above the limit', json(' '.repeat(kBodyMax + 1)), 413),
];

const kBadTargetsOfJson = ['', 'AmazonSQS.', 'AmazonSQS', 'AmazonSQS.Nonsense', 'amazonsqs.ListQueues',
  'AmazonSQS.listqueues', 'AmazonSQS..ListQueues', 'AmazonSQS.ListQueues.', 'AmazonSQS.\xff', 'A'.repeat(8000),
  'AmazonSQS.ListQueues,AmazonSQS.PurgeQueue', 'DynamoDB_20120810.ListTables'];
const kOtherTypesOfJson = ['application/json', 'text/plain', 'application/x-amz-json-1.1',
  'application/x-www-form-urlencoded', 'application/x-amz-json-1.0, text/plain'];
const kJsonTypes = ['application/x-amz-json-1.0; charset=utf-8', 'Application/X-AMZ-JSON-1.0'];
const kListQueues = 'X-Amz-Target: AmazonSQS.ListQueues\r\n';
const typed = (type) => `Content-Type: ${type}\r\n`;

const targets = [
  ...kBadTargetsOfJson.map((target) =>
    kept(`the target ${shown(target)}`, post(`${kJson}X-Amz-Target: ${target}\r\n`, '{}'),
      404, kUnknownOperation)),
  kept('JSON without a target', post(kJson, '{}'), 404, kUnknownOperation),
  kept('JSON in capitals without a target', post(kJson.toUpperCase(), '{}'), 404, kUnknownOperation),
  kept('a target without a type', post(kListQueues, '{}'), 415, { json: 'AccessDeniedException' }),
  ...kOtherTypesOfJson.map((type) =>
    kept(`a target as ${type}`, json('{}', 'ListQueues', typed(type)), 415, { json: 'AccessDeniedException' })),
  ...kJsonTypes.map((type) => kept(`JSON as ${type}`, json('{}', 'ListQueues', typed(type)), 200, kJsonResult)),
  ...['PUT', 'DELETE', 'PATCH', 'OPTIONS'].map((method) =>
    kept(`a target on ${method}`, request(method, '/', kJson + kListQueues + kNoBody),
      404, kUnknownOperation)),
  kept('a target on GET', get('/', kJson + kListQueues), 404, kUnknownOperation),
];

// The Query protocol.

const kBadForm = { xml: 'MalformedInput' };
const kXmlResult = { xml: undefined };
const kList = 'Action=ListQueues';
const kSend = 'Action=SendMessage&QueueUrl=seen&MessageBody=x';

const kFormsWithoutAction = ['', '&&&&', '=', '=x', 'QueueName=x', 'action=ListQueues', 'ACTION=ListQueues',
  'Action%20=ListQueues', '{"Action":"ListQueues"}', 'Action=%', 'Action=%zz', 'Action=%ff'];
const kUnknownActions = ['Action=', 'Action', 'Action=Nonsense', 'Action=listqueues', 'Action=ListQueues%00',
  'Action=%3Cscript%3E%5D%5D%3E%26', 'Action=%01', `Action=${'A'.repeat(100_000)}`];
const kBadParameters = ['X=%', 'X=%4', 'X=%zz', 'X=%ff', 'X=%c0%af', 'X=%ed%a0%80', '%ff=1', '%=1',
  'X=\xff', 'X=1&X=1', 'X=1&%58=1', 'Action=ListQueues', 'Action=PurgeQueue'];
const kBadAttributes = ['1.Name=a', '1.Value.DataType=String', '1=a', '1.1.Name=a', '1.Name.1=a',
  '999999999.Name=', '.Name=a', '1.=a'];
const kOtherTypesOfForm = ['text/plain', 'application/json', 'multipart/form-data; boundary=x',
  'application/x-www-form-urlencoded-not', 'application/octet-stream'];
const kFormTypes = ['application/x-www-form-urlencoded; charset=utf-8', 'Application/X-WWW-Form-URLEncoded'];

const numbered = (count) => Array.from({ length: count }, (_, i) => `X.${i}=1`).join('&');
const attribute = (n) => Object.entries({ Name: 'a', 'Value.DataType': 'String', 'Value.StringValue': 'v' })
  .map(([part, value]) => `MessageAttribute.${n}.${part}=${value}`).join('&');

const forms = [
  ...kFormsWithoutAction.map((body) => kept(`the form ${shown(body)}`, form(body), 404, kNoAction)),
  ...kUnknownActions.map((body) => kept(`the form ${shown(body)}`, form(body), 400, { xml: 'InvalidAction' })),
  ...kBadParameters.map((more) => kept(`a form with ${shown(more)}`, form(`${kList}&${more}`), 400, kBadForm)),
  kept('another action in the URL', form(kList, '/?Action=PurgeQueue'), 400, kBadForm),
  kept('the same action in the URL', form(kList, '/?Action=ListQueues'), 400, kBadForm),
  kept('4,096 parameters', form(`${kList}&${numbered(4095)}`), 200, kXmlResult),
  kept('4,097 parameters', form(`${kList}&${numbered(4096)}`), 400, kBadForm),
  kept('50,000 parameters', form(`${kList}&${numbered(50_000)}`), 400, kBadForm),
  kept('the action behind 5,000 parameters', form(`${numbered(5000)}&${kList}`), 404, kNoAction),
  kept('a name of 1 MiB', form(`${kList}&${'a'.repeat(kMebibyte)}=1`), 200, kXmlResult),
  kept('100,000 separators', form(kList + '&'.repeat(100_000)), 200, kXmlResult),
  kept('a name of 50,000 dots', form(`${kSend}&MessageAttribute${'.1'.repeat(50_000)}=x`),
    400, { xml: 'MissingParameter' }),
  ...['999999999', '0', '000000001'].map((n) =>
    kept(`an attribute numbered ${n}`, form(`${kSend}&${attribute(n)}`), 200, kXmlResult)),
  ...kBadAttributes.map((part) =>
    kept(`MessageAttribute.${part}`, form(`${kSend}&MessageAttribute.${part}`), 400, { xml: undefined })),
  ...kOtherTypesOfForm.map((type) => kept(`a form as ${type}`, post(typed(type), kList), 400, kBadForm)),
  ...kFormTypes.map((type) => kept(`a form as ${type}`, post(typed(type), kList), 200, kXmlResult)),
  kept('a GET of the action', get(`/?${kList}`), 200, kXmlResult),
  kept('a GET with a broken escape', get(`/?${kList}&X=%zz`), 400, kBadForm),
  kept('another version', form(`${kList}&Version=1999-01-01`), 200, kXmlResult),
];

const kNoQueueInPath = ['/', '//', '/000000000000/%', '/000000000000/%zz', '/%'];
const kStrangePaths = ['/../../etc/passwd', '/000000000000/..', '/000000000000/%2e%2e%2fother',
  '/000000000000/seen%00', '/000000000000/Seen', '/000000000000/seen.fifo', '/a/b/c/d/e/f',
  '/111111111111/seen', '/000000000000/%0d%0aX:%20y', '/000000000000/%3Cscript%3E', `/${'a/'.repeat(3000)}`];

const paths = [
  ...kNoQueueInPath.map((path) =>
    kept(`the path ${path}`, form('Action=PurgeQueue', path), 404, { xml: 'InvalidAddress' })),
  ...kStrangePaths.map((path) => kept(`the path ${shown(path)}`, form('Action=PurgeQueue', path),
    400, { xml: 'AWS.SimpleQueueService.NonExistentQueue' })),
  ...['CreateQueue&QueueName=x', 'ListQueues'].map((action) =>
    kept(`${action} on a queue`, form(`Action=${action}`, '/000000000000/seen'),
      400, { xml: 'InvalidAction' })),
];

export const kBadRequests = {
  'Wrongly counted bodies': smuggling, 'Broken chunks': chunks, 'Broken heads': heads,
  'Broken JSON': jsonBodies, 'Wrong targets': targets, 'Broken forms': forms, 'Strange paths': paths,
};
