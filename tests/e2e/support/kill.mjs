// A server under load that is killed -9 in the middle of it.
import { sleep } from './server.mjs';

// Repeats every step at once until the server has lived for a random time between min and max
// milliseconds, and kills it. What a step throws after that is the kill's doing.
export async function loadUntilKilled(server, { min, max }, steps) {
  let killed = false;
  const repeat = async (step) => {
    while (!killed) {
      try {
        await step();
      } catch (error) {
        if (!killed) throw error;
      }
    }
  };
  const load = Promise.all(steps.map(repeat));
  await Promise.race([load, sleep(min + Math.random() * (max - min))]);
  killed = true;
  await server.kill();
  await load;
}
