// Proof of transfer: a trunk that learned five kinds of clothes learns five others from twenty pictures each, beside the same network
// that starts from nothing. Fashion-MNIST's classes 0 to 4 and 5 to 9, five seeds, one thread.
import {
  AdamW,
  BatchNorm2d,
  Conv2d,
  type Dataset,
  type FitOptions,
  Flatten,
  fineTune,
  fit,
  type Layer,
  Linear,
  MaxPool2d,
  NeocogError,
  openData,
  openEngine,
  ReLU,
  Sequential,
  subset,
} from "../src/doors/neocog.ts";

const data = await openData("fashion-mnist", { download: false }).catch((error: unknown) => {
  if (!(error instanceof NeocogError)) throw error;
  console.log(`skipped: ${error.message}`);
  process.exit(0);
});

/** The first so many pictures of each of five classes, from a place on, with labels from 0. */
function five(source: Dataset, first: number, each: number, from = 0): Dataset {
  const places = Array.from({ length: 5 }, (_, label) =>
    Array.from(source.labels.keys())
      .filter((i) => source.labels[i] === first + label)
      .slice(from, from + each),
  ).flat();
  const { labels, classes, ...rest } = subset(source, places);
  return { ...rest, labels: labels.map((label) => label - first), classes: classes.slice(first, first + 5) };
}

const block = (channels: number) => [
  Conv2d(channels, 3, { padding: 1, bias: false }),
  BatchNorm2d(),
  ReLU(),
  MaxPool2d(2),
];
const network = (): Layer =>
  Sequential({ trunk: Sequential([...block(16), ...block(32), ...block(64)]), flatten: Flatten(), head: Linear(5) });

const engine = await openEngine("auto", { threads: 1 });
async function learn(model: Layer, train: Dataset, test: Dataset, options: FitOptions) {
  const given: FitOptions = { schedule: { kind: "oneCycle" }, evaluateEvery: 1000, engine, ...options };
  for await (const event of fit(model, { train, test }, given)) if (event.kind === "finished") return event;
  throw new Error("The training was stopped.");
}

const [known, others] = [five(data.train, 0, 4000), five(data.test!, 5, 400)];
const gains: number[] = [];
for (let seed = 0; seed < 5; seed++) {
  const few = five(data.train, 5, 20, 20 * seed);
  const source = await learn(network(), known, five(data.test!, 0, 200), {
    ...{ epochs: 3, batch: 64, optimizer: AdamW({ lr: 0.004 }), seed },
  });
  const small: FitOptions = { epochs: 30, batch: 20, optimizer: AdamW({ lr: 0.004 }), seed };
  const fresh = await learn(network(), few, others, small);
  const tuned = await fineTune(source.trained, few.classes, { seed });
  const kept = await learn(tuned.model, few, others, {
    ...small,
    ...tuned.options,
    rates: [{ of: "trunk", times: 0.3 }],
  });
  const [nothing, transfer] = [fresh.test!.accuracy, kept.test!.accuracy];
  gains.push(100 * (transfer - nothing));
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  console.log(`seed ${seed}: from nothing ${percent(nothing)}, fine-tuned ${percent(transfer)}`);
}
await engine.close();
const mean = gains.reduce((sum, gain) => sum + gain, 0) / gains.length;
console.log(`gain ${mean.toFixed(1)} points in the mean, ${Math.min(...gains).toFixed(1)} at least`);
