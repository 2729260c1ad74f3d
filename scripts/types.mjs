// Compiles a program that uses the library as strictly as can be: no DOM, no types of Node, the library's own types checked.
//   node scripts/types.mjs                with the TypeScript of this repository
//   node scripts/types.mjs 5.7.3 5.9.3    with these versions, fetched into a temporary folder
// The library is this repository's build, or the package installed in the project that NEOCOG_PROJECT names.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const project = process.env.NEOCOG_PROJECT;
const library = project === undefined ? root : join(project, "node_modules", "neocog");
const program = `import { Conv2d, createModel, fit, Flatten, Linear, MaxPool2d, openData, openEngine, predict, recipeFor, ReLU, Sequential } from "neocog";
import type { Augmentation, DataOptions, FitOptions, init, ModelName, OptimizerName, Recipe, TrainedModel } from "neocog";
import type { ExplainerName, explain } from "neocog/explain";

const model = Sequential([Conv2d(16, 3, { padding: 1 }), ReLU(), MaxPool2d(2), Flatten(), Linear(10)]);
const name: ModelName = "resnet18";
const optimizer: OptimizerName = "adam";
const options: FitOptions = { epochs: 1, optimizer };
export async function train(): Promise<TrainedModel | undefined> {
  let trained: TrainedModel | undefined;
  for await (const event of fit(model, await openData("digits"), options)) {
    if (event.kind === "finished") trained = event.trained;
  }
  return trained;
}
export const use = async (trained: TrainedModel): Promise<string> => (await predict(trained, "photo.png")).name;
export const builtin = createModel(name, { classes: 10 }).layer;
// What an editor completes: each word stands in the type on its own, where other texts are let pass too.
type Completes<Given, Word extends string> = [Exclude<Word, Extract<Given, Word>>] extends [never] ? true : false;
export const completions: readonly [
  Completes<Parameters<typeof openData>[0], "fashion-mnist">,
  Completes<Parameters<typeof createModel>[0], "resnet18">,
  Completes<Parameters<typeof recipeFor>[2], "resnet18">,
  Completes<Parameters<typeof openEngine>[0], "wasm">,
  Completes<Parameters<typeof explain>[0], ExplainerName>,
  Completes<FitOptions["optimizer"], "sgd" | "adam" | "adamW" | "rmsprop">,
  Completes<Recipe["model"], "digits">,
  Completes<Recipe["name"], "fashion-mnist-long" | "lenet-modern">,
  Completes<Recipe["data"], "fashion-mnist">,
  Completes<Parameters<typeof recipeFor>[0], "fashion-mnist">,
  Completes<DataOptions["resize"], "cover" | "squash" | "refuse">,
  Completes<NonNullable<FitOptions["schedule"]>["kind"], "cosine" | "oneCycle" | "warmUp">,
  Completes<Augmentation["kind"], "shift" | "flip" | "mixup">,
  Completes<NonNullable<Parameters<typeof init.kaimingUniform>[0]>["mode"], "fanIn" | "fanOut">,
  Completes<NonNullable<Parameters<typeof Conv2d>[2]>["paddingMode"], "reflect">,
  Completes<NonNullable<Parameters<typeof Conv2d>[2]>["padding"], "same">,
  false,
] = [
  true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true,
  false as Completes<string, "digits">,
];
export const model18 = (recipe: Recipe): ModelName => recipe.model;
// @ts-expect-error there is no such option
export const unknown: FitOptions = { optimizr: "adam" };
// @ts-expect-error there is no such optimizer
export const misspelt: FitOptions = { optimizer: "adm" };
`;
const folder = mkdtempSync(join(tmpdir(), "neocog-types-"));
let failed = 0;
try {
  const settings = {
    compilerOptions: {
      ...{ target: "ES2023", lib: ["ES2023"], types: [], module: "NodeNext", moduleResolution: "NodeNext" },
      ...{ strict: true, noEmit: true, skipLibCheck: false, noUncheckedIndexedAccess: true },
      exactOptionalPropertyTypes: true,
    },
    files: ["program.ts"],
  };
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(settings));
  writeFileSync(join(folder, "program.ts"), program);
  const versions = process.argv.slice(2);
  for (const version of versions.length > 0 ? versions : [undefined]) {
    let compiler = join(root, "node_modules/typescript");
    if (version !== undefined) {
      const place = join(folder, version);
      mkdirSync(place);
      writeFileSync(join(place, "package.json"), "{}");
      spawnSync("npm", ["install", "--no-audit", "--no-fund", `typescript@${version}`], {
        cwd: place,
        stdio: "inherit",
      });
      compiler = join(place, "node_modules/typescript");
    }
    mkdirSync(join(folder, "node_modules"), { recursive: true });
    rmSync(join(folder, "node_modules/neocog"), { force: true });
    symlinkSync(library, join(folder, "node_modules/neocog"), "junction");
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(compiler, "bin/tsc"), "-p", folder], {
      encoding: "utf8",
    });
    console.log(`TypeScript ${version ?? "of this repository"}: ${status === 0 ? "fine" : "errors"}`);
    if (status !== 0) {
      failed++;
      console.log(`${stdout}${stderr}`.split("\n").slice(0, 40).join("\n"));
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(failed > 0 ? 1 : 0);
