// The words of `neocog data`: what it takes, and its help.
import { card, type OptionCard } from "../command.ts";
import { readingOptions } from "./options.ts";

const preview: OptionCard<string> = {
  flags: "--preview [file]",
  about: "write a page with pictures of each class and of each warning, below 2 MB; <data>-preview.html unless told",
  read: (value) => value,
  usual: "",
};

export const dataCard = card({
  name: "data",
  group: "Train and use",
  summary: "What data is made of, and what about it is worth a look",
  about:
    "Opens every picture once: counts, sizes and formats, files that cannot be read, pictures that are there twice (in training and test too), uneven or lacking classes, pictures that are tiny, long or of one colour. Exit code 0 whatever it finds.",
  arguments: [
    {
      name: "<data>",
      about:
        "digits, fashion-mnist, mnist, an IDX or CIFAR file, a table of paths and labels (.csv, .jsonl), a folder of pictures with one sub-folder a class, or one of pairs",
    },
  ],
  options: {
    preview,
    labels: readingOptions.labels,
    workers: {
      ...readingOptions.workers,
      about: "threads that read pictures, one a core unless told; 0: none of their own",
    },
    noDownload: readingOptions.noDownload,
  },
  examples: [
    ["photos/", "counts, sizes and warnings"],
    ["photos/ --preview", "and photos-preview.html to look at"],
    ["photos/ --json", "the same for a program"],
  ],
});
