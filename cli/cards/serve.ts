// The words of `neocog serve`: what it takes, and its help.
import { card, real, text, whole } from "../command.ts";
import { classNamesOption, engineOptions, sourceOptions } from "./options.ts";

export const serveCard = card({
  name: "serve",
  group: "Train and use",
  summary: "Answer over HTTP what trained models take pictures for",
  about:
    "POST /predict takes the bytes of a picture, a form with files or JSON; / is a page to drop pictures on, /docs tells all. Ctrl-C gives the answers that were begun, then ends.",
  arguments: [
    {
      name: "<model...>",
      about:
        "what predict takes; with several, the first answers /predict; name=path calls one by another name than its file",
    },
  ],
  options: {
    host: text("--host <address>", "where to listen: 127.0.0.1 unless told, which only this machine reaches"),
    port: whole("-p, --port <n>", "8080 unless told; 0 takes one that is free", 0),
    maxBatch: whole("--max-batch <n>", "most pictures computed together, 16 unless told"),
    maxWait: whole("--max-wait <ms>", "how long a picture waits for others at most, 2 unless told", 0),
    queue: whole("--queue <n>", "most requests served or waiting, 256 unless told; more are told to come again (429)"),
    bodyLimit: whole("--body-limit <MiB>", "most of a request, 16 unless told"),
    pixelLimit: whole("--pixel-limit <millions>", "most pixels of a picture, 33 unless told"),
    timeout: real("--timeout <seconds>", "in which a request must be there and be answered, 30 unless told", 0),
    cors: text("--cors <origins>", "pages that may ask, with commas: https://example.org; * for all"),
    hosts: text("--hosts <names>", "names beside localhost that are answered for, with commas"),
    ...sourceOptions,
    classNames: classNamesOption,
    ...engineOptions,
  },
  untilStopped: true,
  examples: [
    ["runs/digits", "on http://127.0.0.1:8080"],
    ["cats=runs/pets digits=runs/digits --port 9000", "two models: /models/cats/predict"],
    ["model.onnx --input 3x224x224 --class-names names.txt", "a network from a file"],
    ["runs/pets --host 0.0.0.0 --hosts pets.example.org", "for others, behind a proxy of that name"],
  ],
});
