// One TCP connection that says whatever bytes a test wants, and reads answers off it.
import assert from 'node:assert/strict';
import { connect } from 'node:net';

const kAnswerMsMax = 15_000;

// Bytes are latin1 strings: one character each.
export class RawConnection {
  constructor(url) {
    const { hostname, port } = new URL(url);
    this.socket = connect({ host: hostname, port, allowHalfOpen: true });
    this.received = Buffer.alloc(0);
    this.ended = false;
    this.wake = () => {};
    this.socket.on('data', (bytes) => this.#note(() => {
      this.received = Buffer.concat([this.received, bytes]);
    }));
    for (const event of ['end', 'close', 'error']) {
      this.socket.on(event, () => this.#note(() => {
        this.ended = true;
      }));
    }
    this.timer = setTimeout(() => this.socket.destroy(), kAnswerMsMax);
  }

  #note(change) {
    change();
    this.wake();
  }

  send(bytes) {
    this.socket.write(Buffer.from(bytes, 'latin1'));
  }

  endSending() {
    this.socket.end();
  }

  reset() {
    clearTimeout(this.timer);
    this.socket.resetAndDestroy();
  }

  close() {
    clearTimeout(this.timer);
    this.socket.destroy();
  }

  async #until(condition) {
    while (!condition() && !this.ended) {
      await new Promise((resolve) => {
        this.wake = resolve;
      });
    }
    return condition();
  }

  // { status, headers, body, closes }, or null when the connection ended without an answer.
  async answer({ hasBody = true } = {}) {
    const headEnd = () => this.received.indexOf('\r\n\r\n');
    if (!await this.#until(() => headEnd() >= 0)) {
      assert.equal(this.received.length, 0, 'the connection ended within an answer');
      return null;
    }
    const [statusLine, ...lines] = this.received.subarray(0, headEnd()).toString('latin1').split('\r\n');
    const headers = Object.fromEntries(lines.map((line) => {
      const [, name, value] = line.match(/^([^:]+): ?(.*)$/);
      return [name.toLowerCase(), value];
    }));
    const [, status] = statusLine.match(/^HTTP\/1\.1 (\d{3}) /);
    const begin = headEnd() + 4;
    const length = hasBody ? Number(headers['content-length'] ?? 0) : 0;
    assert.ok(await this.#until(() => this.received.length >= begin + length), 'an answer without its end');
    const body = this.received.subarray(begin, begin + length).toString();
    this.received = this.received.subarray(begin + length);
    return { status: Number(status), headers, body, closes: headers.connection === 'close' };
  }

  // The server says nothing more and ends the connection.
  async end() {
    await this.#until(() => false);
    assert.equal(this.received.toString('latin1'), '', 'bytes after the last answer');
  }
}
