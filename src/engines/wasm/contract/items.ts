// How many items a phase should have at least, where there is work enough: what threads can share.

/** Where an item repeats little of what others do. */
export const wantedItems = 16;
/** Where each item packs, transforms or sums anew what its neighbours do too. */
export const wantedCostlyItems = 8;
