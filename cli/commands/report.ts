// `neocog report runs/x`: a page about a trained model, or about several side by side.
import { files } from "#host";
import { bytes } from "../../src/base/amounts.ts";
import {
  DataError,
  type Engine,
  NeocogError,
  openCheckpoint,
  openModel,
  type PartChoice,
  taskNames,
  weightsHash,
} from "../../src/doors/neocog.ts";
import { checkPage, type ReportRun, report } from "../../src/doors/report.ts";
import { partWords } from "../beside.ts";
import type { reportCard } from "../cards/report.ts";
import type { Run } from "../command.ts";
import type { Context } from "../context.ts";
import { optionsOf, withEngine } from "../engine.ts";
import type { PictureModel } from "../model.ts";
import { type RunFile, readRunFile } from "../runFile.ts";
import { viewOf } from "../tasks/list.ts";
import { working } from "../working.ts";

interface Given {
  readonly data?: string;
  readonly split?: PartChoice;
  readonly weights?: "last" | "best";
}

export const run: Run<typeof reportCard> = async (folders, options, context) => {
  optionsOf(options);
  const path = options.out ?? (folders.length === 1 ? files.join(folders[0], "report.html") : "report.html");
  await checkPage(path);
  const runs: ReportRun[] = [];
  for (const folder of folders) runs.push(await runOf(folder, options, context));
  const page = await working(`Judging ${folders.join(", ")}`, context, () =>
    withEngine(options, context, (engine: Engine) => report(runs, { engine, signal: context.signal })),
  );
  await files.writeFileAtomic(path, page);
  const size = new TextEncoder().encode(page).length;
  return {
    json: {
      report: path,
      bytes: size,
      runs: await Promise.all(
        runs.map(async ({ name, trained, data, missing }) => ({
          ...{ name, weightsHash: await weightsHash(trained.weights), data: data?.name ?? null },
          ...(missing ? { missing } : {}),
        })),
      ),
    },
    lines: () => [
      ...runs.flatMap(({ name, missing }) => (missing ? [context.paint.warn(`${name}: ${missing}`)] : [])),
      `The report is ${context.paint.title(path)} (${bytes(size)})`,
    ],
  };
};

/** A run with its pictures; without, it says why. */
async function runOf(folder: string, given: Given, context: Context): Promise<ReportRun> {
  const { weights } = given;
  const trained = await openModel(folder, { task: taskNames, ...(weights ? { weights } : {}) });
  const known = await readRunFile(folder);
  const checkpoint = await openCheckpoint(folder, { task: taskNames }).catch((error: unknown) => {
    // A model without the state of its training has a report all the same.
    if (error instanceof NeocogError) return undefined;
    throw error;
  });
  const common = {
    ...{ name: folder.replace(/[/\\]+$/, ""), trained },
    ...(checkpoint ? { history: checkpoint.history, settings: checkpoint.settings } : {}),
    ...(known?.phases ? { phases: known.phases } : {}),
  };
  const { channels, height, width } = trained.preprocessing;
  const model = { ...trained, title: folder, shape: [1, channels, height, width], untrained: false } as PictureModel;
  const name = given.data ?? (known && (await placeOf(known)));
  if (name === undefined)
    return { ...common, missing: "Its folder does not say which data it was trained with; --data names some." };
  const own = given.data === undefined ? known : undefined;
  try {
    const split = given.split ?? own?.part;
    const opened = await viewOf(trained.task ?? "classification").openTest(
      name,
      own?.given ?? {},
      model,
      split,
      context,
    );
    const pictures = own ? { pictures: own.pictures } : {};
    return { ...common, data: { name, part: partWords[opened.split], set: opened.data, ...pictures } };
  } catch (error) {
    if (given.data !== undefined || !(error instanceof DataError)) throw error;
    return { ...common, missing: `The data that it was trained with cannot be read any more: ${error.message}` };
  }
}

/** Data by the name it was given, from where it was named. */
async function placeOf({ data, folder }: RunFile): Promise<string> {
  const there = files.join(folder, data);
  return folder !== process.cwd() && !data.startsWith("/") && (await files.kindOf(there)) !== undefined ? there : data;
}
