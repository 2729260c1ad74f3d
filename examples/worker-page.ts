// The page's side of worker.ts: it hears how the training goes and keeps on counting frames meanwhile. Bundle the two as two
// entries, or let Vite find the worker.
import type { State } from "neocog/graph";

type Message = { kind: "epoch"; epoch: number; loss: number } | { kind: "finished"; accuracy: number; weights: State };

const status = document.body.appendChild(document.createElement("p"));
let frames = 0;
const count = () => {
  frames++;
  requestAnimationFrame(count);
};
count();

const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
worker.onmessage = ({ data }: MessageEvent<Message>) => {
  if (data.kind === "epoch") status.textContent = `epoch ${data.epoch}: loss ${data.loss.toFixed(3)}`;
  else {
    const numbers = [...data.weights.values()].reduce((sum, { data: { length } }) => sum + length, 0);
    const accuracy = `test accuracy ${(100 * data.accuracy).toFixed(1)} %`;
    status.textContent = `${accuracy}, ${numbers} numbers learned, ${frames} frames shown meanwhile`;
    worker.terminate();
  }
};
