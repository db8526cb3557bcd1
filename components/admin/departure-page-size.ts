/** As many as are shown before "show more"; the server draws the first page with as many. */
export const departurePageSize = 25;
