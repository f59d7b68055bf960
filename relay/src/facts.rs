//! Gathers what is known: stream, standing, country. Writes down what it could not learn.
