// The clock. `breathe` posts a message to itself, because timers in browsers wait at least 4 ms.

import type { Clock } from "./host.ts";

export const clock: Clock = {
  now: () => performance.now(),
  today: () => new Date().toISOString(),
  breathe: () =>
    new Promise((resolve) => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => {
        channel.port1.close();
        resolve();
      };
      channel.port2.postMessage(0);
    }),
};
