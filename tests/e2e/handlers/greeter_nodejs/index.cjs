// Greets whom the event names; what it says of them it logs.
exports.handler = async (event, context) => {
  console.log(`greeting ${event.name}`);
  if (event.name === undefined) throw new TypeError('nobody to greet');
  return { greeting: `Hello, ${event.name}`, arn: context.invokedFunctionArn, by: context.clientContext };
};
