// Signups in a queue that is mapped to handlers/ledger_handler.cpp: what goes in, and what the
// handler's own ledger says about it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { handler } from './server.mjs';

export const kMaxReceives = 3;

// Those without an @ are refused by the handler.
export function signups(count, { badEvery }) {
  return Array.from({ length: count }, (_, i) =>
    (i % badEvery === badEvery - 1 ? `user${i}.example.com` : `user${i}@example.com`));
}

export const isGood = (signup) => signup.includes('@');

export class LedgerFile {
  constructor(folder) {
    this.path = join(folder, 'ledger');
    writeFileSync(this.path, '');
  }

  // Every attempt, in order.
  attempts() {
    return readFileSync(this.path, 'utf8').split('\n').slice(0, -1);
  }

  // Attempts per signup.
  counts() {
    const counts = new Map();
    for (const signup of this.attempts()) counts.set(signup, (counts.get(signup) ?? 0) + 1);
    return counts;
  }
}

export const signupQueues = {
  'signup': { visibility_timeout: '2s', dead_letter: { queue: 'signup-dlq', max_receives: kMaxReceives } },
  'signup-dlq': {},
};

export function ledgerFunction(ledger, { delayMs = 0, workers = 4, timeout = '2s' } = {}) {
  return {
    kind: 'native',
    artifact: handler('ledger'),
    timeout,
    workers: { max: workers },
    environment: { LEDGER: ledger.path, ...(delayMs > 0 && { DELAY_MS: `${delayMs}` }) },
  };
}

export const mapping = (queue, functionName) => ({
  queue, function: functionName, batch_size: 10, report_batch_item_failures: true,
});
