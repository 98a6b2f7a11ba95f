import type { FieldError } from './judgement';

/** The mistake with its field. Messages of strict decoding name the field themselves. */
export function sentence({ field, message }: FieldError): string {
  return field === '' || message.includes(`"${field}"`) ? message : `${field}: ${message}`;
}
