// Bytes over the net, or from a data: or blob: address.
import { DataError, reasonOf } from "../base/errors.ts";

/** Throws a DataError of one sentence where there is no whole answer. */
export async function fetchBytes(address: string): Promise<Uint8Array<ArrayBuffer>> {
  const shown = address.length > 100 ? `${address.slice(0, 99)}…` : address;
  try {
    const response = await fetch(address);
    if (!response.ok) throw new DataError(`${shown} cannot be read: the server answered ${response.status}.`);
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError(`${shown} cannot be read: ${reasonOf(error)}.`, { cause: error });
  }
}
