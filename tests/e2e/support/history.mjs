// What the clients of one queue saw, judged by call and answer times: nothing lost, nothing invented,
// no lease within another, FIFO groups in order and blocked, no duplicate that escaped.
//
// Bodies are "<group>:<number>": a sender numbers the messages of its group and sends the next one
// when it knows that the last one was accepted.
import { performance } from 'node:perf_hooks';

export const now = () => performance.now();

export const nameOf = (group, number) => `${group}:${number}`;

function parse(body) {
  const [group, number] = body.split(':');
  return { group, number: Number(number) };
}

// The server counts whole milliseconds: a lease counts from the beginning of the one it is given in.
const kServerClockMs = 1;

export class History {
  // leaseMs: what every receive of the load asks for.
  constructor({ fifo, leaseMs }) {
    this.fifo = fifo;
    this.leaseMs = leaseMs - kServerClockMs;
    this.tried = new Set();
    this.accepted = new Map();     // body -> MessageId
    this.delivered = new Map();    // body -> MessageIds
    this.deleteAsked = new Set();  // bodies
    this.deletedAt = new Map();    // message -> when its delete was answered
    this.leases = new Map();       // message -> { body, calledAt }
    this.goneBelow = new Map();    // group -> { number, answeredAt }
    this.receives = 0;
    this.problems = [];
  }

  sending(body) {
    this.tried.add(body);
  }

  sent(body, id) {
    this.accepted.set(body, id);
  }

  received(messages, calledAt) {
    const answeredAt = now();
    ++this.receives;
    for (const message of messages) this.#judge(message, calledAt, answeredAt);
    if (this.fifo) this.#judgeGroups(messages.map(({ Body }) => Body), calledAt, answeredAt);
    for (const message of messages) this.leases.set(this.#key(message), { body: message.Body, calledAt });
  }

  deleting(messages) {
    for (const { Body } of messages) this.deleteAsked.add(Body);
  }

  deleted(messages) {
    for (const message of messages) this.deletedAt.set(this.#key(message), now());
  }

  // Accepted, and never asked to be deleted.
  kept() {
    return [...this.accepted.keys()].filter((body) => !this.deleteAsked.has(body));
  }

  // On a standard queue a send that was repeated is two messages with one body.
  #key({ Body, MessageId }) {
    return this.fifo ? Body : MessageId;
  }

  #judge(message, calledAt, answeredAt) {
    const { Body: body, MessageId: id } = message;
    const key = this.#key(message);
    if (!this.tried.has(body)) this.#problem('never sent', body);
    if (this.deletedAt.get(key) < calledAt) this.#problem('back after its delete', body);
    const lease = this.leases.get(key);
    if (lease && answeredAt < lease.calledAt + this.leaseMs) this.#problem('within a lease', body);
    const ids = this.delivered.get(body) ?? new Set();
    this.delivered.set(body, ids.add(id));
    if (this.fifo && ids.size > 1) this.#problem('a duplicate escaped', body);
    const accepted = this.accepted.get(body);
    if (this.fifo && accepted && accepted !== id) this.#problem('another id than accepted', body);
  }

  #judgeGroups(bodies, calledAt, answeredAt) {
    const groups = new Map();
    for (const body of bodies) {
      const { group, number } = parse(body);
      const numbers = groups.get(group) ?? [];
      if (number <= numbers.at(-1)) this.#problem('not in order', body);
      groups.set(group, [...numbers, number]);
    }
    for (const [group, [lowest]] of groups) {
      this.#judgeBlock(group, new Set(bodies), answeredAt);
      const gone = this.goneBelow.get(group);
      if (gone && gone.answeredAt < calledAt && lowest < gone.number) {
        this.#problem('behind a later one', nameOf(group, lowest));
      }
      if (!gone || lowest > gone.number) this.goneBelow.set(group, { number: lowest, answeredAt });
    }
  }

  // Nobody gets anything of a group while another holds a part of it.
  #judgeBlock(group, bodies, answeredAt) {
    for (const [key, lease] of this.leases) {
      const { body } = lease;
      const over = answeredAt >= lease.calledAt + this.leaseMs;
      if (over || this.deleteAsked.has(body)) {
        this.leases.delete(key);
      } else if (parse(body).group === group && !bodies.has(body)) {
        this.#problem('its group was held', body);
      }
    }
  }

  #problem(what, body) {
    this.problems.push(`${what}: ${body}`);
  }
}
