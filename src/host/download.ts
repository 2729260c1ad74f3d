// Downloads with a checksum: the bytes are counted and hashed before anybody sees them, so that a cut, swapped or
// endless answer never reaches the disk. The caller writes them where they belong (files.writeFileAtomic).

import { checkOptions, DataError, reasonOf } from "../base/errors.ts";
import { sha256 } from "../base/sha256.ts";
import type { StopSignal } from "../base/web.ts";

/** A file on the net: where, how long and what it hashes to (SHA-256, 64 hexadecimal digits). */
export interface Remote {
  readonly url: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface DownloadOptions {
  /** Called with the bytes so far and the total. */
  readonly onProgress?: (received: number, total: number) => void;
  readonly signal?: StopSignal;
  /** Milliseconds without a byte after which the download is given up; 30,000 unless told. */
  readonly patience?: number;
}

/** Fetches a remote file and checks its length and SHA-256. Throws a DataError of one sentence on any failure. */
export async function download(remote: Remote, options: DownloadOptions = {}): Promise<Uint8Array> {
  checkOptions("download", options, ["onProgress", "signal", "patience"]);
  const { url } = remote;
  const stalled = new AbortController();
  const patience = options.patience ?? 30_000;
  let timer = setTimeout(() => stalled.abort(), patience);
  const signal = options.signal ? AbortSignal.any([options.signal as AbortSignal, stalled.signal]) : stalled.signal;
  const bytes = new Uint8Array(remote.bytes);
  let received = 0;
  try {
    const response = await fetch(url, { signal });
    if (!response.ok || !response.body) {
      throw new DataError(
        `${url} cannot be downloaded: the server answered ${response.status} ${response.statusText}.`,
      );
    }
    for await (const chunk of chunksOf(response.body)) {
      clearTimeout(timer);
      timer = setTimeout(() => stalled.abort(), patience);
      if (received + chunk.length > bytes.length) {
        throw new DataError(`${url} is longer than the ${bytes.length} bytes it should have; nothing was kept.`);
      }
      bytes.set(chunk, received);
      received += chunk.length;
      options.onProgress?.(received, bytes.length);
    }
  } catch (error) {
    if (error instanceof DataError) throw error;
    options.signal?.throwIfAborted();
    if (stalled.signal.aborted) {
      throw new DataError(`${url} cannot be downloaded: nothing arrived for ${patience / 1000} seconds.`);
    }
    throw new DataError(`${url} cannot be downloaded: ${hiddenReason(error)}. Is this machine offline?`, {
      cause: error,
    });
  } finally {
    clearTimeout(timer);
    if (received !== bytes.length) stalled.abort();
  }
  if (received !== bytes.length) {
    throw new DataError(`${url} ended after ${received} of ${bytes.length} bytes; nothing was kept.`);
  }
  const found = await sha256(bytes);
  if (found !== remote.sha256) {
    throw new DataError(`${url} has the SHA-256 ${found} instead of ${remote.sha256}; nothing was kept.`);
  }
  return bytes;
}

/** The chunks of a stream; not every browser can iterate one by itself. */
async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** What really went wrong: fetch hides it one level down. */
const hiddenReason = (error: unknown): string =>
  reasonOf(error instanceof Error && error.cause instanceof Error ? error.cause : error);
