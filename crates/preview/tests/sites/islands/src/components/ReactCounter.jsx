import { useState } from 'react';

export default function ReactCounter({ label, image, children }) {
  const [count, setCount] = useState(0);
  return (
    <div>
      <button id="react" onClick={() => setCount(count + 1)}>{label} {count}</button>
      <a id="react-link" href="/second/">React link</a>
      <img src={image} alt="React" />
      {children}
    </div>
  );
}
