/** Of what a KPI came to under each class of cache or profile of power, by its name. */
export type OptionModel = ReadonlyMap<string, number>;
