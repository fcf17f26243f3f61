import './wordmark.css';

/** The name in the hand of a score: *sotto voce*, with the hairpin that means "getting quieter". */
export function Wordmark({ large = false }: { readonly large?: boolean }) {
  return (
    <span className={large ? 'wordmark wordmark-large' : 'wordmark'}>
      sotto
      <svg className="hairpin" viewBox="0 0 60 16" aria-hidden="true" focusable="false">
        <path
          d="M1 1.5 59 8 1 14.5"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.6"
          strokeLinecap="round"
        />
      </svg>
    </span>
  );
}
