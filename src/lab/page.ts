// A learner's page for an exhibit, in Markdown, made from its card and from a run: claim, formula, how to run it, what came
// out, what was checked, what to try, source.
import { understand } from "../base/arguments.ts";
import { listOf } from "../base/rules.ts";
import { type Exhibit, exhibitRule, reportRule } from "./exhibit.ts";
import { figure } from "./figure.ts";
import type { Check, Part } from "./parts.ts";
import type { ExhibitReport } from "./run.ts";
import { cellWords } from "./words.ts";

/** A page of the lab's documentation. */
export interface Page {
  /** The page itself; it shows the figure as `<id>.svg`. */
  readonly markdown: string;
  /** The figure that the page shows, as SVG. */
  readonly figure: string | undefined;
}

/** The page of a report, with its figure. */
export function pageOf(report: ExhibitReport): Page {
  understand("pageOf", arguments, { report: reportRule });
  const { exhibit, parts, checks, verdict } = report;
  const drawn = figure(parts);
  const markdown = [
    `# ${exhibit.title}`,
    `*${exhibit.group}*`,
    exhibit.claim,
    `\`\`\`text\n${exhibit.formula.split(/ {4,}/).join("\n")}\n\`\`\``,
    "## Run it",
    howToRun(exhibit),
    ...(exhibit.trained ? ["It trains networks, which takes from seconds to minutes."] : []),
    "## What comes out",
    ...(drawn ? [`![${exhibit.title}](${exhibit.id}.svg)`] : []),
    ...parts.flatMap(partText),
    "## What is checked",
    checks.slice(0, mostChecks).map(checkText).join("\n") +
      (checks.length > mostChecks ? `\n- and ${checks.length - mostChecks} more of the same kind` : ""),
    verdict ? "**The claim holds.**" : "**The claim fails.**",
    "## Try",
    exhibit.tryThis.map((line) => `- ${line}`).join("\n"),
    `Source: ${exhibit.source}`,
  ];
  return { markdown: `${markdown.join("\n\n")}\n`, figure: drawn };
}

const mostChecks = 12;

function howToRun({ id, parameters }: Exhibit): string {
  const names = Object.entries(parameters);
  const command = `\`\`\`sh\nneocog lab ${id}\n\`\`\``;
  if (names.length === 0) return command;
  const rows = names.map(([name, card]) => {
    const range =
      card.kind === "choice" ? card.words.join(", ") : `${cellWords(card.least)} to ${cellWords(card.most)}`;
    return [`\`--${name}\``, card.about, cellWords(card.default), range];
  });
  return `${command}\n\n${tableText(["parameter", "what it is", "usual", "range"], rows)}`;
}

function partText(part: Part): string[] {
  const title = "title" in part && part.title ? [`**${part.title}**`] : [];
  if (part.kind === "text") return [part.text];
  if (part.kind === "numbers") {
    return [
      ...title,
      tableText(
        ["", ""],
        part.rows.map(({ name, value }) => [name.trim(), cellWords(value)]),
      ),
    ];
  }
  if (part.kind === "table")
    return [
      ...title,
      tableText(
        part.columns,
        part.rows.map((row) => row.map(cellWords)),
      ),
    ];
  return [];
}

const tableText = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  [heads, heads.map(() => "---"), ...rows].map((row) => `| ${row.map(safe).join(" | ")} |`).join("\n");

const safe = (words: string): string => words.replaceAll("|", "\\|").replaceAll("\n", " ");

function checkText({ says, found, wanted, holds }: Check): string {
  const mark = holds ? "✓" : "✗";
  if (typeof wanted === "string" && /^(below|above) /.test(wanted)) return `- ${mark} ${says}: ${wanted}`;
  const value = cellWords(found);
  return `- ${mark} ${says}: ${value}${!holds ? `, but it must be ${cellWords(wanted)}` : ""}`;
}

/** The page that lists them all. */
export function indexPage(exhibits: readonly Exhibit[]): string {
  understand("indexPage", arguments, { exhibits: listOf(exhibitRule, "a list of exhibits") });
  const groups = [...new Set(exhibits.map(({ group }) => group))];
  return `${[
    "# The lab",
    "The theory of convolutional networks as claims that run: every number on these pages was computed by the library that trains. `neocog lab` lists the exhibits, `neocog lab kernel-learning` runs one, `neocog lab --all` checks every claim. The pages are made by `node scripts/lab-docs.mjs`.",
    ...groups.flatMap((group) => [
      `## ${group}`,
      exhibits
        .filter((one) => one.group === group)
        .map(({ id, title, claim, trained }) => `- [${title}](${id}.md)${trained ? " (trains)" : ""}: ${claim}`)
        .join("\n"),
    ]),
  ].join("\n\n")}\n`;
}
