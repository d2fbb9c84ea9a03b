export function Brand({ large = false }: { large?: boolean }) {
  return (
    <span className="inline-flex items-center gap-2.5" dir="ltr">
      <svg width={large ? 40 : 28} height={large ? 40 : 28} viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="8" fill="#2b3fae" />
        <path
          d="M9 10h14L10.5 22H23"
          fill="none"
          stroke="#fff"
          strokeWidth="3"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
        <circle cx="24" cy="16" r="2" fill="#f2b134" />
      </svg>
      <span className={`font-semibold tracking-tight ${large ? 'text-2xl' : 'text-lg'}`}>Zimmer</span>
    </span>
  )
}
