/** Initials of a person or an account; the full name is always beside it. */
export function Avatar({ name }: { name: string }) {
  const initials = name
    .split(/[\s@._-]+/)
    .filter(Boolean)
    .slice(0, 2)
    .map((part) => part.charAt(0).toUpperCase())
    .join("");
  return (
    <span
      aria-hidden="true"
      className="grid size-6 flex-none place-items-center rounded-full bg-accent-bg text-[10px] font-semibold text-accent"
    >
      {initials || "?"}
    </span>
  );
}
