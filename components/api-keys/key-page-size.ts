/** Keys that are fetched at a time. */
export const keyPageSize = 50;
