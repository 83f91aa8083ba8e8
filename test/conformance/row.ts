export type Level = 'MUST' | 'MUST NOT' | 'SHOULD' | 'SHOULD NOT' | 'MAY';

export interface Requirement {
  /** Of RFC 9293 as its appendix B has it; of RFC 1122 "1122-", the section and the row's number in it. */
  id: string;
  level: Level;
  /** The RFC's number, and where in it. */
  rfc: number;
  section: string;
  /** What it asks, in a sentence. */
  asks: string;
  /** Why we do not do it; only what is not a MUST can be declined. */
  declined?: string;
  /** Why what it is about cannot happen here; a test shows that it does not. */
  notApplicable?: string;
}

type Why = Pick<Requirement, 'declined' | 'notApplicable'>;

/** A row of RFC 1122's summary tables. */
export type Row = [id: string, level: Level, asks: string, why?: Why];

export const declined = (reason: string): Why => ({ declined: reason });

export const inapplicable = (reason: string): Why => ({ notApplicable: reason });

/** The section stands in the id: "1122-3.2.1.3-2". */
export function rfc1122([id, level, asks, why]: Row): Requirement {
  return { id, level, rfc: 1122, section: id.split('-')[1]!, asks, ...why };
}
