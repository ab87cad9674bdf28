// Handlers as people write them, CommonJS; what some of them do depends on the body of the first record.
exports.parses = async (event) => {
  for (const record of event.Records) {
    JSON.parse(record.body);
  }
};

exports.counts = async (event) => ({ count: event.Records.length });

exports.echoes = async (event) => event;

exports.tellsItsContext = async (event, context) => ({
  ...context,
  remaining: context.getRemainingTimeInMillis(),
});

exports.tellsAVariable = async (event) => process.env[event.Records[0].body] ?? null;

exports.tellsItsPid = async () => process.pid;

exports.tellsItsFolder = async () => process.cwd();

exports.callsBack = (event, context, callback) => {
  setTimeout(() => callback(null, 'called back'), 5);
};

exports.callsBackAndGoesOn = (event, context, callback) => {
  setTimeout(() => console.log('after the callback'), 50);
  context.callbackWaitsForEmptyEventLoop = event.Records[0].body === 'wait';
  callback(null, 'called back');
};

exports.callsBackAnError = (event, context, callback) => callback(new RangeError('too far'));

exports.saysNothing = () => {};

exports.neverSettles = () => new Promise(() => {});

exports.throws = async () => {
  throw new TypeError('no reason');
};

exports.throwsText = async () => {
  throw 'just text';
};

exports.rejectsElsewhere = async () => {
  Promise.reject(new Error('nobody waits'));
  await new Promise((resolve) => setTimeout(resolve, 1000));
};

exports.throwsElsewhere = async () => {
  setImmediate(() => {
    throw new Error('nobody catches');
  });
  await new Promise((resolve) => setTimeout(resolve, 1000));
};

exports.exits = async (event) => process.exit(Number(event.Records[0].body));

exports.loops = () => {
  for (;;) ;
};

exports.prints = async (event) => {
  console.log('hello %s', event.Records[0].body);
  console.error('two\nlines');
  process.stdout.write('plain\n');
};

exports.answersLarge = async (event) => {
  console.log('runs');
  return 'x'.repeat(Number(event.Records[0].body));
};

exports.rejectsLater = async () => {
  setTimeout(() => Promise.reject(new Error('after the answer')), 20);
  return process.pid;
};

exports.answersACircle = async () => {
  const circle = {};
  circle.circle = circle;
  return circle;
};

// Node.js posts the cause of an error in a header; other clients do so too, with up to 1 MiB.
exports.throwsWithALargeMessage = async () => {
  throw new Error('x'.repeat(100_000));
};

exports.hoards = async () => {
  const hoard = [];
  for (;;) hoard.push(new Array(100_000).fill(Math.random()));
};

exports.nested = { handler: async () => 'nested' };

exports.isNoFunction = 5;
