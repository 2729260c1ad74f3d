// `neocog lab`: claims about convolutional networks that run. Without a name it lists them, with a name it runs one, and with
// --all every one of them; the exit code tells whether all claims hold.

import { count, duration } from "../../src/base/amounts.ts";
import {
  type Exhibit,
  type ExhibitReport,
  exhibitJson,
  exhibits,
  findExhibit,
  type GivenValues,
  type Lab,
  openLab,
  reportJson,
} from "../../src/doors/lab.ts";
import { drawBar, openBar } from "../bar.ts";
import type { labCard } from "../cards/lab.ts";
import { type Answer, type Run, UsageError } from "../command.ts";
import type { Context } from "../context.ts";
import { optionsOf } from "../engine.ts";
import { reportLines } from "../lab/report.ts";
import { wrap } from "../lines.ts";

export const run: Run<typeof labCard> = async ([id, ...flags], { all, quick, engine, threads, wide }, context) => {
  // A flag alone is no name.
  const name = id?.startsWith("-") ? undefined : id;
  const given = readFlags(name === undefined && id !== undefined ? [id, ...flags] : flags);
  if (all && name !== undefined) throw new UsageError(`Give either the exhibit "${name}" or --all.`);
  if (quick && !all) throw new UsageError("--quick goes with --all.");
  if (name === undefined && Object.keys(given).length > 0) {
    throw new UsageError(`Which exhibit is --${Object.keys(given)[0]} for? Write its name behind lab.`);
  }
  if (name === undefined && !all) {
    const given = Object.entries({ engine, threads, wide }).find(([, value]) => value !== undefined);
    if (given) throw new UsageError(`--${given[0]} has no effect on the list of exhibits; name one, or give --all.`);
    return list(context);
  }
  const chosen = name === undefined ? exhibits.filter(({ trained }) => !(quick && trained)) : [findExhibit(name)];
  const opened = await openLab(engine, optionsOf({ engine, threads, wide }));
  try {
    return name === undefined ? await runAll(opened, chosen, context) : await runOne(opened, chosen[0], given, context);
  } finally {
    await opened.close();
  }
};

/** `--rate 0.01 --steps=20` */
function readFlags(flags: readonly string[]): Record<string, string> {
  const given: Record<string, string> = {};
  for (let i = 0; i < flags.length; i++) {
    const [, name, value] = flags[i].match(/^--([a-z][a-z-]*)(?:=(.*))?$/i) ?? [];
    if (name === undefined) throw new UsageError(`"${flags[i]}" is no parameter; write --name value.`);
    // A negative number is a value, another flag is not.
    const next = flags[i + 1];
    const taken = value ?? (next === undefined || /^--/.test(next) ? undefined : next);
    if (taken === undefined) throw new UsageError(`--${name} needs a value.`);
    if (value === undefined) i++;
    given[name] = taken;
  }
  return given;
}

function list({ paint, width }: Context): Answer {
  const left = Math.max(...exhibits.map(({ id }) => id.length)) + 2;
  const groups = [...new Set(exhibits.map(({ group }) => group))];
  const lines = (): string[] => [
    ...groups.flatMap((group) => [
      paint.title(group),
      ...exhibits
        .filter((one) => one.group === group)
        .flatMap(({ id, title, trained }) =>
          wrap(`${title}${trained ? " (trains)" : ""}`, width - left - 2).map(
            (line, i) => `  ${paint.key((i === 0 ? id : "").padEnd(left))}${line}`,
          ),
        ),
      "",
    ]),
    ...wrap(
      `${count(exhibits.length, "exhibit")}. "neocog lab ${exhibits[0].id}" runs one, "neocog lab --all" all of them.`,
      width,
    ).map(paint.faint),
  ];
  return { json: { exhibits: exhibits.map(exhibitJson) }, lines };
}

/** Tells how far an exhibit is: a bar on a terminal, elsewhere a line whenever the next part of a training begins. */
function follow(
  exhibit: Exhibit,
  context: Context,
): { progress: (done: number, total: number, what: string) => void; stop: () => void } {
  let now = "";
  const bar = openBar(context, (share) => `${exhibit.id}  ${drawBar(share, 30, context)}  ${now}`);
  return {
    stop: () => bar.stop(),
    progress(done, total, what) {
      if (what !== now && !context.terminal && exhibit.trained) context.say(`${exhibit.id}: ${what}`);
      now = what;
      bar.update(total > 0 ? done / total : 0);
    },
  };
}

async function show(opened: Lab, exhibit: Exhibit, given: GivenValues, context: Context): Promise<ExhibitReport> {
  const { progress, stop } = follow(exhibit, context);
  try {
    return await opened.run(exhibit.id, given, { progress, signal: context.signal, named: (name) => `--${name}` });
  } finally {
    stop();
  }
}

async function runOne(opened: Lab, exhibit: Exhibit, given: GivenValues, context: Context): Promise<Answer> {
  const report = await show(opened, exhibit, given, context);
  return { json: reportJson(report), lines: () => reportLines(report, context), code: report.verdict ? 0 : 1 };
}

async function runAll(opened: Lab, chosen: readonly Exhibit[], context: Context): Promise<Answer> {
  const { paint } = context;
  const left = Math.max(...chosen.map(({ id }) => id.length)) + 2;
  const reports: ExhibitReport[] = [];
  for (const exhibit of chosen) {
    context.signal.throwIfAborted();
    const report = await show(opened, exhibit, {}, context);
    reports.push(report);
    const held = report.checks.filter(({ holds }) => holds).length;
    const mark = report.verdict ? paint.good("✓") : paint.bad("✗");
    const checks = `${held} of ${count(report.checks.length, "check")}`;
    context.say(`${mark} ${exhibit.id.padEnd(left)}${checks.padStart(14)}${duration(report.seconds).padStart(14)}`);
    if (!report.verdict) {
      for (const { says, found, wanted, holds } of report.checks) {
        if (!holds) context.say(paint.bad(`    ${says}: ${found}, wanted ${wanted}`));
      }
    }
  }
  const failing = reports.filter(({ verdict }) => !verdict);
  const seconds = reports.reduce((sum, report) => sum + report.seconds, 0);
  const checks = reports.flatMap((report) => report.checks);
  return {
    json: { verdict: failing.length === 0, seconds, exhibits: reports.map(reportJson) },
    lines: () => [
      "",
      failing.length === 0
        ? `${paint.good("Every claim holds")}: ${count(reports.length, "exhibit")}, ${count(checks.length, "check")}.`
        : `${paint.bad(`${failing.length} of ${count(reports.length, "claim")} do not hold`)}: ${failing.map(({ exhibit }) => exhibit.id).join(", ")}.`,
      paint.faint(duration(seconds)),
    ],
    code: failing.length === 0 ? 0 : 1,
  };
}
