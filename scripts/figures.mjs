// Writes the figures of README from the files that the commands wrote: the table of speeds from bench/results/latest.json
// (npm run bench), that of recipes from bench/results/recipes.json (node bench/recipes.mjs), and with --start the picture of
// `npm start` from a run of it. `node scripts/figures.mjs [--start] [--check]`; --check only says whether README is up to date.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

const root = new URL("../", import.meta.url);
const read = (path) => readFileSync(new URL(path, root), "utf8");
const picture = "docs/train-digits.svg";

/** 7.26 · 3.99 → "7.3 · 4.0": two figures and a half, as people read them. */
const ms = (value) => (value >= 100 ? Math.round(value).toLocaleString("en-US") : value.toFixed(1));

function speeds() {
  const { rows } = JSON.parse(read("bench/results/latest.json"));
  const time = (workload, contender, threads) =>
    rows.find((row) => row.workload === workload && row.contender === contender && row.threads === threads)?.ms;
  const titles = {
    "train-lenet": "train LeNet, batch 128",
    "train-fiveconv": "train five conv-BN stages, batch 128",
    "train-resnet18": "train ResNet-18 on 32x32, batch 32",
    "infer-resnet18": "ResNet-18, one 224x224 picture",
    "infer-resnet50": "ResNet-50, one 224x224 picture",
    "infer-mobilenet": "MobileNetV2, one 224x224 picture",
    "infer-squeezenet": "SqueezeNet 1.1, one 224x224 picture",
  };
  const pair = (workload, contender) => {
    const both = [1, 2].map((threads) => time(workload, contender, threads));
    return both.every((one) => one === undefined) ? "cannot" : both.map((one) => (one ? ms(one) : "–")).join(" · ");
  };
  const others = { convnetjs: "ConvNetJS", "jax-js": "jax-js", "tfjs-cpu": "TensorFlow.js" };
  const lines = Object.entries(titles).map(([workload, title]) => {
    const rest = Object.entries(others).flatMap(([name, shown]) => {
      const value = time(workload, name, 1);
      return value ? [`${shown} ${ms(value)}`] : [];
    });
    const columns = ["neocog", "neocog wide (Node 24)", "pytorch", "onnxruntime-node", "onnxruntime-web"];
    return `| ${[title, ...columns.map((name) => pair(workload, name)), rest.join(", ")].join(" | ")} |`.replace(
      / {2}\|$/,
      " |",
    );
  });
  return [
    "| work | Neocog | wide | PyTorch 1.13 | onnxruntime-node | onnxruntime-web | others, 1 thread |",
    "|---|---|---|---|---|---|---|",
    ...lines,
  ].join("\n");
}

const duration = (seconds) => {
  const whole = Math.round(seconds);
  const rest = whole % 60;
  return whole < 60
    ? `${whole} s`
    : `${Math.floor(whole / 60)} min${rest ? ` ${String(rest).padStart(2, "0")} s` : ""}`;
};

function recipes() {
  const { rows, pytorchEpoch } = JSON.parse(read("bench/results/recipes.json"));
  const titles = {
    lenet: "`--model lenet` (sigmoids, as in 1998)",
    default: "default",
    long: "`--recipe fashion-mnist-long`",
  };
  const measured = Object.entries(titles).filter(([name]) => rows[name]);
  const lines = measured.map(([name, title]) => {
    const { epochs, accuracy, seconds, network } = rows[name];
    const torch = pytorchEpoch[network];
    return `| ${title}, ${epochs} epochs | ${accuracy.toFixed(4)} | ${duration(seconds)} | ${torch ? duration(torch * epochs) : "–"} |`;
  });
  return [
    "| recipe | test accuracy | time | PyTorch, same network, batch and optimizer |",
    "|---|---|---|---|",
    ...lines,
  ].join("\n");
}

/** Draws what `npm start` prints. */
function drawStart() {
  const printed = execFileSync("npm", ["start", "--silent"], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1", COLUMNS: "80" },
  });
  execFileSync(process.execPath, ["scripts/terminal-picture.mjs", picture], {
    cwd: root,
    input: `$ npm start\n${printed}`,
  });
}

if (process.argv.includes("--start")) drawStart();
const accuracy = /Test accuracy ([\d.]+) %/.exec(read(picture))?.[1];
const between = (text, name, content) => {
  const found = new RegExp(`(<!-- ${name}: [^>]* -->\\n)[\\s\\S]*?(\\n<!-- /${name} -->)`);
  if (!found.test(text)) throw new Error(`README.md has no place for the figures "${name}"`);
  return text.replace(found, (_, head, foot) => `${head}${content}${foot}`);
};
const before = read("README.md");
let after = between(before, "speeds", speeds());
after = between(after, "recipes", recipes());
after = after.replace(/the test accuracy of [\d.]+ %/, `the test accuracy of ${accuracy} %`);
if (!process.argv.includes("--check")) writeFileSync(new URL("README.md", root), after);
else if (after !== before) {
  console.error("README.md is not what its files say: node scripts/figures.mjs writes it anew.");
  process.exitCode = 1;
}
