// The menu of the site: its parts in reading order, from what the pages are.
import { byDoor } from "./api.mjs";
import { titleOf } from "./pages.mjs";

/** What stands at the top, and the side bar of every part. */
export function menu(texts, groups) {
  const item = (page) => ({ text: titleOf(texts.get(page)), link: `/${page.replace(/(index)?\.md$/, "")}` });
  const inside = (folder) => [...texts.keys()].filter((page) => page.startsWith(folder));
  const start = [
    { text: "Start", link: "/start" },
    { text: "All of Neocog", link: "/tour" },
    { text: "Examples", link: "/examples" },
  ];
  const guides = { text: "Guides", items: inside("guides/").map(item) };
  const doors = { text: "API", items: [{ text: "All doors", link: "/api/" }, ...doorsOf(groups)] };
  const benchmarks = { text: "Benchmarks", items: inside("benchmarks/").map(item) };
  const inner = {
    text: "Inside",
    items: [...["architecture.md", "contributing.md", "changelog.md", "digits.md"].map(item)],
  };
  const lab = [{ text: "The lab", items: [{ text: "All exhibits", link: "/lab/" }] }, ...labGroups(texts)];
  return {
    top: [
      { text: "Start", link: "/start" },
      { text: "Tour", link: "/tour" },
      { text: "Lab", link: "/lab/" },
      { text: "API", link: "/api/" },
      { text: "Benchmarks", link: "/benchmarks/" },
    ],
    side: {
      "/lab/": lab,
      "/": [{ text: "Start", items: start }, guides, doors, benchmarks, inner],
    },
  };
}

/** The doors, each with its groups; a door of one page is that page. */
const doorsOf = (groups) =>
  byDoor(groups).map(({ door: text, inside }) => {
    const items = inside.map(({ menu, slug }) => ({ text: menu, link: `/api/${slug}` }));
    return items.length === 1 ? { ...items[0], text } : { text, items, collapsed: true };
  });

/** The groups of the lab's index, each with its exhibits. */
function labGroups(texts) {
  const [, ...groups] = texts.get("lab/index.md").split(/^## /m);
  return groups.map((group) => ({
    text: group.slice(0, group.indexOf("\n")),
    collapsed: false,
    items: [...group.matchAll(/^- \[([^\]]+)\]\(\.?\/?([\w-]+)\.md\)/gm)].map(([, text, page]) => ({
      text,
      link: `/lab/${page}`,
    })),
  }));
}
