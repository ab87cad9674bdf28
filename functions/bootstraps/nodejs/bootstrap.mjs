// Runs an unmodified Lambda handler in Node.js 18 and later: loads it, asks headrace's Runtime API for
// one event after the other, and posts what the handler answers. What handlers rely on, names, texts
// and exit codes included, is as AWS's Node.js runtime has it.
import { existsSync, readFileSync, statSync } from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';

const kUnhandledRejectionExit = 128;
const kUncaughtExceptionExit = 129;

const taskRoot = process.env.LAMBDA_TASK_ROOT ?? process.cwd();
const api = new URL(`http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/`);

// The Runtime API.

const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function call(method, path, { headers = {}, body } = {}) {
  return new Promise((answered, failed) => {
    const options = { method, agent, headers };
    if (body !== undefined) options.headers = { ...headers, 'Content-Length': Buffer.byteLength(body) };
    const request = http.request(new URL(path, api), options, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', failed);
      response.on('end', () => answered({
        status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks).toString(),
      }));
    });
    request.on('error', failed);
    request.end(body);
  });
}

async function post(path, body, headers = {}) {
  const { status, text } = await call('POST', path, {
    body, headers: { 'Content-Type': 'application/json', ...headers },
  });
  // A response that was too large has become the function's error; one far above that is not read.
  const taken = status === 202 || (status === 413 && text.includes('RequestEntityTooLarge'));
  if (!taken) throw new Error(`${path}: status ${status} ${text}`);
}

const postResponse = (id, body) => post(`invocation/${id}/response`, body);

function postError(path, document) {
  const type = /^[\x20-\x7e]+$/.test(document.errorType) ? document.errorType : 'Function.Unknown';
  return post(path, JSON.stringify(document), { 'Lambda-Runtime-Function-Error-Type': type });
}

const postInvocationError = (id, document) => postError(`invocation/${id}/error`, document);

// Errors, as the caller of the function reads them.

class RuntimeError extends Error {
  constructor(name, message, stack) {
    super(message);
    this.name = name;
    if (stack) this.stack = stack;
  }
}

function documentOf(error) {
  if (error instanceof Error || (error?.name !== undefined && error?.message !== undefined)) {
    return {
      errorType: String(error.name),
      errorMessage: String(error.message),
      trace: String(error.stack ?? '').split('\n'),
    };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

// The console: a line per call, with the time and the invocation it belongs to.

let requestId;  // of the last invocation
let running = false;

function logLine(level, text) {
  const line = text.replace(/\n/g, '\r');
  process.stdout.write(`${new Date().toISOString()}\t${requestId}\t${level}\t${line}\n`);
}

function patchConsole() {
  const levels = { log: 'INFO', info: 'INFO', warn: 'WARN', error: 'ERROR', debug: 'DEBUG', trace: 'TRACE' };
  for (const [method, level] of Object.entries(levels)) {
    console[method] = (...values) => logLine(level, format(...values));
  }
}

const logError = (title, document) => logLine('ERROR', `${title} \t${JSON.stringify(document)}`);

// The handler: "folder/module.export.member".

function isEsModule(file) {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest)) return JSON.parse(readFileSync(manifest, 'utf8')).type === 'module';
    if (folder === dirname(folder)) return false;
  }
}

const isFile = (path) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

async function loadModule(path) {
  const require = createRequire(join(taskRoot, 'index.js'));
  if (isFile(path)) return require(path);
  if (isFile(`${path}.js`) && isEsModule(`${path}.js`)) return import(pathToFileURL(`${path}.js`));
  if (isFile(`${path}.js`)) return require(`${path}.js`);
  if (isFile(`${path}.mjs`)) return import(pathToFileURL(`${path}.mjs`));
  return require(isFile(`${path}.cjs`) ? `${path}.cjs` : path);
}

function inAwsWords(error) {
  if (error instanceof SyntaxError) {
    return new RuntimeError('Runtime.UserCodeSyntaxError', String(error), error.stack);
  }
  if (error?.code === 'MODULE_NOT_FOUND' || error?.code === 'ERR_MODULE_NOT_FOUND') {
    return new RuntimeError('Runtime.ImportModuleError', String(error), error.stack);
  }
  return error;
}

async function loadHandler(name) {
  if (name.includes('..')) {
    throw new RuntimeError('Runtime.MalformedHandlerName', `'${name}' is not a valid handler name`);
  }
  const [, path, members] = name.match(/^((?:.*\/)?[^./]*)\.(.+)$/) ?? [];
  if (!path) throw new RuntimeError('Runtime.MalformedHandlerName', 'Bad handler');
  const module = await loadModule(resolve(taskRoot, path)).catch((error) => { throw inAwsWords(error); });
  const find = (from) => members.split('.').reduce((value, member) => value?.[member], from);
  const handler = find(module) ?? find(module.default);
  if (handler === undefined) {
    throw new RuntimeError('Runtime.HandlerNotFound', `${name} is undefined or not exported`);
  }
  if (typeof handler !== 'function') {
    throw new RuntimeError('Runtime.HandlerNotFound', `${name} is not a function`);
  }
  return handler;
}

// One invocation.

// What is done when nothing is left to do: Node.js would end here.
let atEmptyLoop = null;

process.on('beforeExit', () => {
  const act = atEmptyLoop;
  atEmptyLoop = null;
  act?.();
});

const parsed = (text) => (text ? JSON.parse(text) : undefined);

function contextOf(headers) {
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: parsed(headers['lambda-runtime-client-context']),
    identity: parsed(headers['lambda-runtime-cognito-identity']),
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

// Resolves to what the handler answers, by whichever of its ways comes first.
function invoke(handler, event, context) {
  return new Promise((succeed, fail) => {
    context.succeed = succeed;
    context.fail = (error) => fail(error ?? 'handled');
    context.done = (error, result) => (error == null ? succeed(result) : fail(error));
    const callback = (error, result) => {
      if (error != null) return fail(error);
      if (!context.callbackWaitsForEmptyEventLoop) return succeed(result);
      atEmptyLoop = () => succeed(result);
    };
    atEmptyLoop = () => succeed(null);
    const result = handler(event, context, callback);
    if (typeof result?.then !== 'function') return;
    atEmptyLoop = () => fail(new RuntimeError('Runtime.NodeJsExit',
      'The handler returned a promise that never settles: nothing is left that could settle it'));
    result.then(succeed, fail);
  }).finally(() => { atEmptyLoop = null; });
}

function toJson(result) {
  try {
    return JSON.stringify(result) ?? 'null';
  } catch (error) {
    throw new RuntimeError(error.name, `Unable to stringify response body: ${error.message}`, error.stack);
  }
}

async function serve(handler, { headers, text }) {
  const id = headers['lambda-runtime-aws-request-id'];
  requestId = id;
  running = true;
  process.env._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id'] ?? '';
  let answer;
  try {
    answer = toJson(await invoke(handler, JSON.parse(text), contextOf(headers)));
  } catch (error) {
    const document = documentOf(error);
    logError('Invoke Error', document);
    await postInvocationError(id, document);
    running = false;
    return;
  }
  await postResponse(id, answer);
  running = false;
}

// What nobody caught ends the process, but first it becomes the answer of the running invocation. When
// none runs, the process ends at once: the next one must not begin in it.

let initialized = false;

async function die(error, exitCode) {
  const document = documentOf(error);
  logError('Uncaught Exception', document);
  try {
    if (!initialized) await postError('init/error', document);
    else if (running) await postInvocationError(requestId, document);
  } finally {
    process.exit(exitCode);
  }
}

process.on('uncaughtException', (error) => die(error, kUncaughtExceptionExit));
process.on('unhandledRejection', (reason) => {
  const text = reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason);
  die(new RuntimeError('Runtime.UnhandledPromiseRejection', text, reason?.stack), kUnhandledRejectionExit);
});

async function main() {
  patchConsole();
  const handler = await loadHandler(process.env._HANDLER ?? '');
  initialized = true;
  for (;;) {
    const invocation = await call('GET', 'invocation/next');
    if (invocation.status !== 200) process.exit(1);
    await serve(handler, invocation);
  }
}

main().catch((error) => die(error, 1));
