// Welcomes signups: notes each in the ledger and reports those without an @ as failed.
const { appendFileSync } = require('node:fs');

exports.handler = async (event) => {
  const batchItemFailures = [];
  for (const record of event.Records) {
    appendFileSync(process.env.LEDGER, `${record.body}\n`);
    if (!record.body.includes('@')) batchItemFailures.push({ itemIdentifier: record.messageId });
  }
  return { batchItemFailures };
};
