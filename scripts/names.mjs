// How many names each door has, and the most that it may have: `node scripts/names.mjs`, a part of `npm run check`. A list that nobody
// reads to its end is no door; who adds a name beyond the budget takes another away, or raises the budget and says why.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { exportedBy, openFile } from "./docs/declarations.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The most values (functions, classes, lists) and types of each door. */
const budget = {
  // Sequences, attention and the blocks that newer networks share (torchvision.ops: squeeze-and-excitation, stochastic depth, …) are
  // layers too. Scores, evaluations and predictions of all tasks stand under one name, TaskTypes. A layer of windows or edges has its 1d, 2d
  // and 3d, as torch.nn has: 12 families are 36 names.
  // encodeMask and fitMask write masks: of numbers that are no brightness, which encodePng could not. Fine-tuning is fineTune with
  // its two types, and two of what fit is told of parts of a network.
  neocog: [189, 116],
  // Recurrent cells, attention, sampling (roi_align, deform_conv2d) and foldings, each with its options.
  "neocog/ops": [202, 28],
  "neocog/graph": [28, 28],
  "neocog/onnx": [8, 8],
  "neocog/tfjs": [4, 4],
  "neocog/analyze": [13, 16],
  "neocog/explain": [12, 12],
  "neocog/lab": [20, 24],
  "neocog/serve": [2, 6],
  "neocog/bundle": [2, 4],
  "neocog/report": [6, 14],
  "neocog/diagnose": [3, 7],
  // lrFind with its options and what it gives; sweep with the like.
  "neocog/tune": [4, 12],
};

/** Every door with the names of its values and of its types. */
export function doorNames() {
  const { name, exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return Object.entries(exports).flatMap(([path, { types }]) => {
    if (types === undefined) return [];
    const source = join(root, types.replace("./dist/", "").replace(/\.d\.ts$/, ".ts"));
    return [{ door: name + path.slice(1), ...namesOf(source) }];
  });
}

function namesOf(source) {
  const [values, types] = [[], []];
  for (const statement of openFile(source).body) {
    if (statement.type === "ExportAllDeclaration") {
      if (statement.exported) values.push(statement.exported.name);
      else {
        const whole = join(dirname(source), statement.source.value);
        values.push(...exportedBy(whole, true));
        types.push(...exportedBy(whole).filter((name) => !values.includes(name)));
      }
    }
    if (statement.type !== "ExportNamedDeclaration") continue;
    for (const { exported, exportKind } of statement.specifiers)
      (statement.exportKind === "type" || exportKind === "type" ? types : values).push(exported.name);
  }
  return { values, types };
}

/** A sentence for every door that has more names than its budget, or none. */
export function overBudget() {
  return doorNames().flatMap(({ door, values, types }) => {
    if (!budget[door]) return [`${door} has no budget of names; give it one in scripts/names.mjs.`];
    const [most, mostTypes] = budget[door];
    return [
      [values.length, most, "values"],
      [types.length, mostTypes, "types"],
    ].flatMap(([count, limit, kind]) =>
      count > limit ? [`${door} has ${count} ${kind}; its budget is ${limit} (scripts/names.mjs).`] : [],
    );
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { door, values, types } of doorNames()) {
    const [most, mostTypes] = budget[door] ?? ["?", "?"];
    const of = (count, limit) => `${String(count).padStart(4)} of ${String(limit).padEnd(4)}`;
    console.log(`${door.padEnd(16)}${of(values.length, most)} values ${of(types.length, mostTypes)} types`);
  }
  const over = overBudget();
  for (const line of over) console.error(line);
  process.exit(over.length > 0 ? 1 : 0);
}
