import { setTimeout } from 'node:timers/promises';

const greeting = await setTimeout(1, 'from a module');

export const handler = async (event) => `${greeting}: ${event.Records.length}`;
