/** Notices to be, in the shape of notices. */
export function NoticeSkeleton({ label }: { label: string }) {
  return (
    <div aria-busy="true">
      <p className="sr-only">{label}</p>
      {["first", "second", "third"].map((key) => (
        <div
          key={key}
          aria-hidden="true"
          className="flex h-[69px] items-start gap-3 border-b border-line px-4 py-3 last:border-b-0"
        >
          <span className="skeleton size-7 flex-none" />
          <span className="grid flex-1 gap-2 pt-1">
            <span className="skeleton h-3.5 w-32" />
            <span className="skeleton h-3 w-full" />
          </span>
        </div>
      ))}
    </div>
  );
}
