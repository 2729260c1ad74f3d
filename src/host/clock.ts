// The clock. `breathe` posts a message to itself in a browser, because timers wait at least 4 ms there. In Node that would
// not do: messages of a turn come before its signals, so that work which goes on would keep a Ctrl-C waiting for ever;
// what was put off with setImmediate comes after both.

import type { Clock } from "./host.ts";

export const clock: Clock = {
  now: () => performance.now(),
  today: () => new Date().toISOString(),
  breathe: () =>
    new Promise((resolve) => {
      if (typeof setImmediate === "function") {
        setImmediate(resolve);
        return;
      }
      const channel = new MessageChannel();
      channel.port1.onmessage = () => {
        channel.port1.close();
        resolve();
      };
      channel.port2.postMessage(0);
    }),
};
