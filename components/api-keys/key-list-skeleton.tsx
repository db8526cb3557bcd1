/** Keys to be, in the shape of rows. */
export function KeyListSkeleton({ label }: { label: string }) {
  return (
    <div aria-busy="true" className="panel">
      <p className="sr-only">{label}</p>
      <div aria-hidden="true" className="h-[46px] border-b border-line" />
      {["first", "second", "third"].map((key) => (
        <div
          key={key}
          aria-hidden="true"
          className="flex h-[84px] items-start gap-3 border-b border-line px-4 py-3 last:border-b-0"
        >
          <span className="grid flex-1 gap-2 pt-1">
            <span className="skeleton h-3.5 w-48" />
            <span className="skeleton h-3 w-2/5" />
            <span className="skeleton h-3 w-1/4" />
          </span>
          <span className="skeleton hidden h-8 w-20 self-center sm:block" />
        </div>
      ))}
    </div>
  );
}
