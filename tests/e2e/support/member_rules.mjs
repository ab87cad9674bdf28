// What SQS says to each member that is not as it should be: the code and, where it is known, the text.
// All from AWS's recordings and documentation (spec 3.3, 3.4, 4 to 8); nothing here was taken from
// what headrace answers.
const must = (parameter) => (value, { entry }) =>
  ['MissingParameter', `The request must contain the parameter ${entry}${parameter}.`];
const invalid = (text) => ['InvalidParameterValue', text];
const invalidValue = (parameter, reason) => (value) =>
  invalid(`Value ${value} for parameter ${parameter} is invalid. Reason: ${reason}`);
const kQueueIsMissing = 'AWS.SimpleQueueService.NonExistentQueue';
const queueIsMissing = {
  json: [kQueueIsMissing, 'The specified queue does not exist.'],
  query: [kQueueIsMissing, 'The specified queue does not exist for this wsdl version.'],
};
const noQueueInAddress = { query: (value, { url }) =>
  ['InvalidAddress', `The address ${url}/ is not valid for this endpoint.`] };
const anyCode = (...codes) => [codes];
const missingOrInvalid = anyCode('MissingParameter', 'InvalidParameterValue');

// min, max, and what is answered beyond them.
const range = (min, max, refusal) => ({ min, max, range: refusal });
const idRule = (parameter) => {
  const refusal = invalidValue(parameter,
    `${parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length.`);
  return { empty: refusal, garbage: refusal, length: 128 };
};
const entryId = ['AWS.SimpleQueueService.InvalidBatchEntryId',
  'A batch entry id can only contain alphanumeric characters, hyphens and underscores. ' +
  'It can be at most 80 letters long.'];
const noEntries = (entry) => {
  const refusal = ['AWS.SimpleQueueService.EmptyBatchRequest',
    `There should be at least one ${entry} in the request.`];
  return { missing: refusal, empty: refusal };
};
const noName =
  invalid('Value for parameter QueueName is invalid. Reason: Must specify a queue name.');
const pageSize = invalid(
  'Value for parameter MaxResults is invalid. Reason: MaxResults must be an integer between 1 and 1000.');
const arnForm = (parameter) => invalid(`You must use this format to specify the ${parameter}: ` +
  'arn:<partition>:<service>:<region>:<account-id>:<resource-id>');
const unknownAttribute = (name) => ['InvalidAttributeName', `Unknown Attribute ${name}.`];
const badAttribute = (name) => ['InvalidAttributeValue', `Invalid value for the parameter ${name}.`];
const emptyAttribute = (type) => (value, { key }) =>
  invalid(`Message (user) attribute '${key}' must contain a non-empty value of type '${type}'.`);
const reservedLists = ['AWS.SimpleQueueService.UnsupportedOperation',
  'Message attribute list values in SendMessage operation are not supported.'];
const noListNoBase64 = anyCode('AWS.SimpleQueueService.UnsupportedOperation', 'MalformedInput');
const tagKeyLength = invalid('Tag keys must be between 1 and 128 characters in length.');

// Twelve hours from the receive, which was some seconds ago (spec 6.4).
const kLongestExtension = 43_000;

// By the path of a member, elements as [] and values of maps as {}; an action's own rule wins.
//   missing, empty    a required member that is not there, an empty text, list or map
//   garbage           a text with characters that the member cannot have, or longer than `length`;
//                     with `free` no length is known. Also of the `texts`
//   base64            a blob that is none; unreadable where no rule says otherwise
//   range             an integer below `min` or above `max`; `largest`: the greatest to try
//   key, emptyKey     of a map, as garbage and empty are; `keyLength`
//   whole             in a batch the fault is the request's, not its entry's; wholeIfMissing
//   onlyOf            the rule holds for the attribute of this name in the examples
//   differs           the two protocols do different things with it
// Each says a code, or codes of which AWS's is not known, and perhaps the text; or it is a function of
// the value that does. 'taken': nothing is refused. What is not there: AWS's answer is not known.
const rules = {
  QueueUrl: {
    missing: { json: must('QueueUrl'), ...noQueueInAddress },
    empty: { json: queueIsMissing.json, ...noQueueInAddress },
    garbage: queueIsMissing,
  },
  QueueName: {
    missing: noName, empty: invalid('Queue name cannot be empty'), length: 80,
    garbage: invalid(
      'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length'),
  },
  'GetQueueUrl QueueName': {
    missing: noName, empty: invalid('Queue name cannot be empty'),
    garbage: anyCode(kQueueIsMissing, 'InvalidParameterValue'),
  },
  QueueOwnerAWSAccountId: { garbage: queueIsMissing },
  QueueNamePrefix: { garbage: 'taken', empty: 'taken' },
  NextToken: { garbage: invalid('Invalid or expired next token.') },
  MaxResults: range(1, 1000, pageSize),
  'ListMessageMoveTasks MaxResults': range(1, 10, invalid(
    "Value for parameter MaxResults is invalid. Reason: You must enter a number that's between 1 and 10.")),

  Attributes: { key: unknownAttribute },
  'SetQueueAttributes Attributes': { missing: must('Attributes'), key: unknownAttribute },
  'Attributes.{}': {
    empty: badAttribute('VisibilityTimeout'), garbage: badAttribute('VisibilityTimeout'),
    texts: ['-1', '43201', '1.5', '1e3', ' 5', '5 ', '0x5', 'five', '99999999999999999999'],
  },
  'AttributeNames.[]': { garbage: unknownAttribute },
  // Of these two lists each protocol prefers the other (spec 2.3).
  'ReceiveMessage AttributeNames.[]': { garbage: 'taken', differs: true },
  'MessageSystemAttributeNames.[]': { garbage: 'taken', differs: true },
  'MessageAttributeNames.[]': { garbage: 'taken' },
  Tags: {
    missing: must('Tags'), empty: must('Tags'),
    emptyKey: tagKeyLength, key: anyCode('InvalidParameterValue'), keyLength: 128,
  },
  tags: { emptyKey: tagKeyLength, key: anyCode('InvalidParameterValue'), keyLength: 128 },
  'Tags.{}': { empty: 'taken', garbage: anyCode('InvalidParameterValue'), length: 256 },
  'tags.{}': { empty: 'taken', garbage: anyCode('InvalidParameterValue'), length: 256 },
  TagKeys: { missing: must('TagKeys'), empty: must('TagKeys') },

  Label: {
    missing: must('Label'), empty: missingOrInvalid, garbage: anyCode('InvalidParameterValue'), length: 80,
  },
  'RemovePermission Label': {
    missing: must('Label'), empty: missingOrInvalid, garbage: anyCode('InvalidParameterValue'),
  },
  AWSAccountIds: { missing: anyCode('MissingParameter'), empty: anyCode('MissingParameter') },
  'AWSAccountIds.[]': { empty: missingOrInvalid, garbage: anyCode('InvalidParameterValue') },
  Actions: { missing: anyCode('MissingParameter'), empty: anyCode('MissingParameter') },
  'Actions.[]': {
    empty: missingOrInvalid,
    garbage: (value) => invalid(`Value SQS:${value} for parameter ActionName is invalid. ` +
      'Reason: Please refer to the appropriate WSDL for a list of valid actions.'),
  },

  SourceArn: { missing: must('SourceArn'), empty: missingOrInvalid, garbage: arnForm('SourceArn') },
  DestinationArn: { garbage: arnForm('DestinationArn') },
  TaskHandle: {
    missing: must('TaskHandle'), empty: missingOrInvalid,
    garbage: invalid('Value for parameter TaskHandle is invalid.'),
  },
  MaxNumberOfMessagesPerSecond: range(1, 500, invalid(
    'Value for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: ' +
    "You must enter a number that's between 1 and 500.")),

  'SendMessageBatch Entries': noEntries('SendMessageBatchRequestEntry'),
  'DeleteMessageBatch Entries': noEntries('DeleteMessageBatchRequestEntry'),
  'ChangeMessageVisibilityBatch Entries': noEntries('ChangeMessageVisibilityBatch'),
  Id: { whole: true, missing: must('Id'), empty: entryId, garbage: entryId, length: 80 },
  ReceiptHandle: {
    missing: must('ReceiptHandle'), wholeIfMissing: true,
    empty: anyCode('MissingParameter', 'ReceiptHandleIsInvalid'),
    garbage: (value) => ['ReceiptHandleIsInvalid',
      `The input receipt handle "${value}" is not a valid receipt handle.`],
  },
  VisibilityTimeout: {
    missing: must('VisibilityTimeout'), largest: kLongestExtension,
    ...range(0, 43200, invalidValue('VisibilityTimeout', 'Must be between 0 and 43200.')),
  },
  'ChangeMessageVisibilityBatch Entries.[].VisibilityTimeout': {
    missing: anyCode('MissingParameter'), largest: kLongestExtension,
    ...range(0, 43200, invalidValue('VisibilityTimeout',
      'VisibilityTimeout must be an integer between 0 and 43200.')),
  },
  'ReceiveMessage VisibilityTimeout': range(0, 43200,
    invalidValue('VisibilityTimeout', 'Must be >= 0 and <= 43200, if provided.')),
  WaitTimeSeconds: range(0, 20, invalidValue('WaitTimeSeconds', 'Must be >= 0 and <= 20, if provided.')),
  MaxNumberOfMessages:
    range(1, 10, invalidValue('MaxNumberOfMessages', 'Must be between 1 and 10, if provided.')),
  DelaySeconds: range(0, 900, invalidValue('DelaySeconds', 'DelaySeconds must be >= 0 and <= 900.')),

  MessageBody: {
    missing: must('MessageBody'), wholeIfMissing: true, free: true, empty: must('MessageBody'),
    garbage: ['InvalidMessageContents', 'Invalid characters found. Valid unicode characters are ' +
      '#x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF'],
  },
  MessageGroupId: idRule('MessageGroupId'),
  MessageDeduplicationId: idRule('MessageDeduplicationId'),
  MessageAttributes: {
    emptyKey: invalid('The request must contain non-empty message (user) attribute names.'),
    key: anyCode('InvalidParameterValue'), keyLength: 256,
  },
  'MessageAttributes.{}.DataType': {
    missing: missingOrInvalid, empty: missingOrInvalid, garbage: anyCode('InvalidParameterValue'), length: 256,
  },
  'MessageAttributes.{}.StringValue': {
    onlyOf: 'text', free: true, missing: emptyAttribute('String'), empty: emptyAttribute('String'),
    garbage: anyCode('InvalidParameterValue'),
  },
  'MessageAttributes.{}.BinaryValue': {
    onlyOf: 'data', missing: anyCode('InvalidParameterValue'), empty: anyCode('InvalidParameterValue'),
  },
  'MessageAttributes.{}.StringListValues.[]': { empty: reservedLists, garbage: reservedLists },
  'MessageAttributes.{}.BinaryListValues.[]': { empty: reservedLists, base64: noListNoBase64 },
  'MessageSystemAttributes.{}.StringListValues.[]': { empty: reservedLists, garbage: reservedLists },
  'MessageSystemAttributes.{}.BinaryListValues.[]': { empty: reservedLists, base64: noListNoBase64 },
  MessageSystemAttributes: {
    key: (value) => invalid(`Message system attribute name '${value}' is invalid.`),
    emptyKey: (value) => invalid(`Message system attribute name '${value}' is invalid.`),
  },
  'MessageSystemAttributes.{}.DataType': {
    missing: missingOrInvalid, empty: missingOrInvalid, garbage: anyCode('InvalidParameterValue'),
  },
  'MessageSystemAttributes.{}.StringValue': {
    missing: missingOrInvalid, empty: missingOrInvalid, garbage: anyCode('InvalidParameterValue'),
  },
};

const kEntries = 'Entries.[].';

// The rule of a member. What an entry of a batch has follows the rule of the single action.
export function ruleOf(action, { name, key }) {
  const plain = name.startsWith(kEntries) ? name.slice(kEntries.length) : name;
  const rule = rules[`${action} ${name}`] ?? rules[plain] ?? {};
  return rule.onlyOf && rule.onlyOf !== key ? {} : rule;
}
