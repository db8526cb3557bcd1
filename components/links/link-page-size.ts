/** Links that are fetched at a time. */
export const linkPageSize = 50;
