// Which pages the site has and where each comes from, and how links between sources become links between pages. Sources stay where
// they are and read well there; the site shows copies, whose links go to the copies of what they name.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const read = (source) => readFileSync(join(root, source), "utf8");
const markdownIn = (folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith(".md"))
    .sort();

/** Pages by the path of their source in the repository: their path on the site. */
export function pages() {
  const guides = markdownIn("docs").map((name) => [`docs/${name}`, name === "tour.md" ? name : `guides/${name}`]);
  const lab = markdownIn("docs/lab").map((name) => [
    `docs/lab/${name}`,
    `lab/${name === "README.md" ? "index.md" : name}`,
  ]);
  return new Map([
    ["README.md", "start.md"],
    ["ARCHITECTURE.md", "architecture.md"],
    ["CONTRIBUTING.md", "contributing.md"],
    ["CHANGELOG.md", "changelog.md"],
    ["assets/digits.README.md", "digits.md"],
    ["examples", "examples.md"],
    ["bench/RESULTS.md", "benchmarks/index.md"],
    ["bench/LAYERS.md", "benchmarks/layers.md"],
    ...guides,
    ...lab,
  ]);
}

const blocks = /^( *)(```+)[^\n]*\n[\s\S]*?^\1\2 *$/gm;

/** Code between back-ticks on one line: VitePress takes a line that begins with `<model>` for a tag, also inside of them. */
export const joinSpans = (markdown) =>
  markdown.replace(new RegExp(`${blocks.source}|(?<!\`)\`(?:(?!\\n\\n)[^\`])+\``, "gm"), (part) =>
    part.trimStart().startsWith("```") ? part : part.replaceAll(/\s*\n\s*/g, " "),
  );

/** The first heading of a page. */
export const titleOf = (markdown) => /^# (.+)$/m.exec(markdown)?.[1].replaceAll("`", "") ?? "";

/** Links and pictures of a Markdown text that lead to other files of the repository. */
export function* linksOf(markdown) {
  const prose = markdown.replace(blocks, (block) => block.replace(/[^\n]/g, " "));
  for (const match of prose.matchAll(/(\]\(|<img src=")([^)"#\s]+)(#[^)"\s]*)?/g)) {
    if (/^[a-z]+:/.test(match[2])) continue;
    const from = match.index + match[1].length;
    yield { from, to: from + match[2].length, target: match[2] };
  }
}

/** The pages' Markdown, with links between copies, and the pictures that stand on them: texts and sources by site path. */
export function sitePages() {
  const known = pages();
  const texts = new Map([["examples.md", examplesPage()]]);
  const pictures = new Map();
  for (const [source, page] of known) {
    if (texts.has(page)) continue;
    const markdown = read(source);
    let text = "";
    let done = 0;
    for (const { from, to, target } of linksOf(markdown)) {
      const named = posix.join(posix.dirname(source), target).replace(/\/$/, "");
      if (!existsSync(join(root, named))) throw new Error(`${source} links to ${target}, which does not exist.`);
      const there = known.get(named) ?? known.get(`${named}/README.md`) ?? exampleAt(named) ?? pictureAt(named);
      if (there === undefined) throw new Error(`${source} links to ${target}, which is no page of the site.`);
      if (there === named) pictures.set(named, named);
      text += markdown.slice(done, from) + relative(page, there);
      done = to;
    }
    texts.set(page, joinSpans(text + markdown.slice(done)));
  }
  return { texts, pictures };
}

const exampleAt = (source) => /^examples\/([\w-]+)\.ts$/.exec(source)?.[1].replace(/^/, "examples.md#");
const pictureAt = (source) => (/\.(svg|png)$/.test(source) ? source : undefined);

function relative(from, to) {
  const path = posix.relative(posix.dirname(from), to);
  return path.startsWith(".") ? path : `./${path}`;
}

/** Every example with what its first lines say, in the order of the list. */
function examplesPage() {
  const order = ["first-network", "own-layer", "fine-tune", "onnx", "explain", "lab", "custom-loop", "page", "worker"];
  const place = (name) => order.findIndex((one) => name.startsWith(one)) + (name.includes("-page") ? 0.5 : 0);
  const names = readdirSync(join(root, "examples"))
    .filter((file) => file.endsWith(".ts"))
    .map((file) => file.replace(/\.ts$/, ""));
  const parts = names
    .sort((a, b) => place(a) - place(b) || a.localeCompare(b))
    .map((name) => {
      const lines = read(`examples/${name}.ts`).trimEnd().split("\n");
      const code = lines.findIndex((line) => !line.startsWith("//"));
      const says = lines.slice(0, code).map((line) => line.replace(/^\/\/ ?/, ""));
      return `## ${name}\n\n${says.join("\n")}\n\n\`\`\`ts\n${lines.slice(code).join("\n")}\n\`\`\`\n`;
    });
  return `# Examples\n\nWhole programs, each in a few seconds; the tests run them as they stand here (\`examples/\` in the repository).\nTo try one, put it into a file beside an installed \`neocog\`, or run \`node dist/examples/<name>.js\` in a clone that is built.\n\n${parts.join("\n")}`;
}
