// A store of files that were looked through: what a streamed set reads its pictures from.

import { ndarray } from "../../base/array.ts";
import type { PictureStore } from "../images.ts";
import { filesOf } from "./ahead.ts";
import { openReaders, usualReaders } from "./readers.ts";
import { inOrder } from "./survey.ts";

export function pictureStore(index: Omit<PictureStore, "parts">): PictureStore {
  const { form, cache, workers } = index;
  const { channels, height, width } = form;
  const way = { form, ...(cache === undefined ? {} : { cache }) };
  return {
    ...index,
    async *parts(places, size, signal) {
      const readers = openReaders(workers ?? usualReaders(false));
      try {
        const ask = (part: Int32Array): Promise<Uint8Array> =>
          readers.ask("stored", { ...filesOf(index, part), ...way }, signal);
        for await (const { answer, start, end } of inOrder(places, readers.threads, ask, size))
          yield ndarray([end - start, channels, height, width], answer, "uint8");
      } finally {
        await readers.close();
      }
    },
  };
}
