// The digests that SQS puts into its answers, computed independently.
import { createHash } from 'node:crypto';

export const md5 = (bytes) => createHash('md5').update(bytes).digest('hex');

function withLength(bytes) {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return [length, bytes];
}

// AWS: sorted by name; name, type and value each behind its length, and a byte for the kind of value.
export function md5OfAttributes(attributes) {
  const parts = Object.keys(attributes).sort().flatMap((name) => {
    const { DataType, StringValue, BinaryValue } = attributes[name];
    const binary = DataType.startsWith('Binary');
    return [
      ...withLength(Buffer.from(name)),
      ...withLength(Buffer.from(DataType)),
      Buffer.from([binary ? 2 : 1]),
      ...withLength(Buffer.from(binary ? BinaryValue : StringValue)),
    ];
  });
  return md5(Buffer.concat(parts));
}
