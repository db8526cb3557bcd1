/** One request brings nearly everybody's connections; more come page by page. */
export const catalogPageSize = 200;
