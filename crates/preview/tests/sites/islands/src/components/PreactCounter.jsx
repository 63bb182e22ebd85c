import { useState } from 'preact/hooks';

export default function PreactCounter({ label, image, children }) {
  const [count, setCount] = useState(0);
  return (
    <div>
      <button id="preact" onClick={() => setCount(count + 1)}>{label} {count}</button>
      <a id="preact-link" href="/second/">Preact link</a>
      <img src={image} alt="Preact" />
      {children}
    </div>
  );
}
