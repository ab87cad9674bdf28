// Refuses every signup until the file MENDED exists.
const { existsSync } = require('node:fs');

exports.handler = async (event) => {
  if (!existsSync(process.env.MENDED)) throw new Error(`no mailbox for ${event.Records[0].body}`);
};
