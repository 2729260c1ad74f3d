// VitePress's settings. The pages and the menu are written by scripts/docs.mjs.
import { readFileSync } from "node:fs";

const { top, side } = JSON.parse(readFileSync(new URL("../pages/menu.json", import.meta.url), "utf8"));

const cells = [0.3, 0.6, 0.3, 0.6, 1, 0.6, 0.3, 0.6, 0.3].map(
  (shade, i) =>
    `<rect x="${1 + 5 * (i % 3)}" y="${1 + 5 * Math.floor(i / 3)}" width="4" height="4" fill-opacity="${shade}"/>`,
);
const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" fill="#2563a8">${cells.join("")}</svg>`;

// biome-ignore lint/style/noDefaultExport: VitePress takes its settings so
export default {
  title: "Neocog",
  description:
    "Convolutional networks in TypeScript: build, train, understand and ship them, in Node and in the browser.",
  srcDir: "pages",
  outDir: "out",
  // A kernel of three by three, in the colours of the lab's figures.
  head: [["link", { rel: "icon", href: `data:image/svg+xml,${encodeURIComponent(icon)}` }]],
  // One chunk holds the index of the search.
  vite: { build: { chunkSizeWarningLimit: 2000 } },
  themeConfig: {
    nav: top,
    sidebar: side,
    outline: [2, 3],
    search: { provider: "local" },
    docFooter: { prev: "Before", next: "Next" },
  },
};
