const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ["minute", 60],
  ["hour", 3600],
  ["day", 86_400],
];

/** "this minute", "4 minutes ago" up to a week away, then the day: "12 Nov", with the year when it is another one. */
export function relativeText(at: Date, since: Date, locale: string, timeZone: string | undefined): string {
  const seconds = (at.getTime() - since.getTime()) / 1000;
  const distance = Math.abs(seconds);
  if (distance >= 7 * 86_400) {
    const sameYear = at.getUTCFullYear() === since.getUTCFullYear();
    return new Intl.DateTimeFormat(locale, {
      day: "numeric",
      month: "short",
      year: sameYear ? undefined : "numeric",
      timeZone,
    }).format(at);
  }
  const words = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  if (distance < 45) return words.format(0, "minute");
  const [unit, length] = steps.findLast(([, size]) => distance >= size * 0.95) ?? ["minute" as const, 60];
  return words.format(Math.round(seconds / length), unit);
}
