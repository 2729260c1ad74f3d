// Zip archives, as far as .npz needs them. fflate packs and inflates; finding the members is done here, strictly by the
// central directory, because archives come from strangers:
//
//   [local header, content]* | [directory entry]* | end record         all little-endian; sizes and places only
//                                                                       count where the directory says them

import { inflateSync, zipSync } from "fflate";
import { crc32 } from "../base/crc32.ts";
import { DataError, reasonOf } from "../base/errors.ts";
import { atMost, limits } from "../base/limits.ts";

const localHeader = 0x04034b50;
const directoryEntry = 0x02014b50;
const endRecord = 0x06054b50;
const longestComment = 65535;

interface Member {
  readonly member: string;
  readonly method: number;
  readonly checksum: number;
  readonly packed: number;
  readonly size: number;
  readonly place: number;
}

/** The members of an archive by name, each with its CRC-32 checked. Throws a DataError that names archive and member. */
export function unzip(bytes: Uint8Array, name: string): Map<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const members = readDirectory(bytes, view, name);
  const total = members.reduce((sum, { size }) => sum + size, 0);
  if (total > bytes.length * limits.zipExpansion.most + 2 ** 20) {
    throw new DataError(
      `${name} claims to expand to ${total} bytes, which is not believable for ${bytes.length} (at most ${limits.zipExpansion.most} times as many are read).`,
    );
  }
  const contents = new Map<string, Uint8Array>();
  for (const { member, method, checksum, packed, size, place } of members) {
    const fail = (what: string): DataError => new DataError(`${name}: member ${member} ${what}.`);
    if (contents.has(member)) throw fail("stands in the archive twice");
    if (place + 30 > bytes.length || view.getUint32(place, true) !== localHeader)
      throw fail("is not where the directory says");
    const start = place + 30 + view.getUint16(place + 26, true) + view.getUint16(place + 28, true);
    if (start + packed > bytes.length) throw fail("reaches beyond the end of the file");
    const raw = bytes.subarray(start, start + packed);
    if (method !== 0 && method !== 8)
      throw fail(`is packed by method ${method}; readable are 0 (stored) and 8 (deflate)`);
    let content = raw;
    if (method === 8) {
      try {
        content = inflateSync(raw, { out: new Uint8Array(size) });
      } catch (error) {
        throw fail(`cannot be unpacked: ${reasonOf(error)}`);
      }
    }
    if (content.length !== size) throw fail(`has ${content.length} bytes instead of ${size}`);
    if (crc32(content) !== checksum) throw fail("is damaged: its CRC-32 does not match");
    contents.set(member, content);
  }
  return contents;
}

function readDirectory(bytes: Uint8Array, view: DataView, name: string): Member[] {
  const earliest = Math.max(0, bytes.length - 22 - longestComment);
  let end = bytes.length - 22;
  while (end >= earliest && view.getUint32(end, true) !== endRecord) end--;
  if (end < earliest)
    throw new DataError(`${name} is not a zip archive, or it is cut short: its end record is missing.`);
  const count = view.getUint16(end + 10, true);
  let offset = view.getUint32(end + 16, true);
  if (count === 0xffff || offset === 0xffffffff)
    throw new DataError(`${name} is a ZIP64 archive, which is not supported: ${atMost(limits.zipMembers)}.`);
  const members: Member[] = [];
  for (let i = 0; i < count; i++) {
    if (offset + 46 > end || view.getUint32(offset, true) !== directoryEntry) {
      throw new DataError(`${name} has a broken directory: entry ${i + 1} of ${count} is missing.`);
    }
    const lengths = [28, 30, 32].map((place) => view.getUint16(offset + place, true));
    const next = offset + 46 + lengths[0] + lengths[1] + lengths[2];
    if (next > end) throw new DataError(`${name} has a broken directory: entry ${i + 1} of ${count} is cut short.`);
    const member = new TextDecoder().decode(bytes.subarray(offset + 46, offset + 46 + lengths[0]));
    if (view.getUint16(offset + 8, true) & 1) throw new DataError(`${name}: member ${member} is encrypted.`);
    members.push({
      member,
      method: view.getUint16(offset + 10, true),
      checksum: view.getUint32(offset + 16, true),
      packed: view.getUint32(offset + 20, true),
      size: view.getUint32(offset + 24, true),
      place: view.getUint32(offset + 42, true),
    });
    offset = next;
  }
  return members;
}

/** An archive of the members in their order, all dated 1980, so that equal members give equal bytes. */
export function zip(members: ReadonlyMap<string, Uint8Array>, compress: boolean): Uint8Array {
  return zipSync(Object.fromEntries(members), { level: compress ? 6 : 0, mtime: new Date(1980, 0, 1) });
}
