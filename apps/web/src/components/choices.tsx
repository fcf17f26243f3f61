import { Label, Radio, RadioGroup } from 'react-aria-components';
import './choices.css';

interface ChoicesProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly text: string }[];
  readonly onChange: (value: T) => void;
}

/** A few exclusive choices side by side. */
export function Choices<T extends string>({ label, value, options, onChange }: ChoicesProps<T>) {
  return (
    <RadioGroup className="choices" value={value} onChange={(next) => onChange(next as T)}>
      <Label>{label}</Label>
      <div className="choices-row">
        {options.map((option) => (
          <Radio key={option.value} value={option.value} className="choice">
            {option.text}
          </Radio>
        ))}
      </div>
    </RadioGroup>
  );
}
