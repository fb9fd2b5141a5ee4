package dev.firn.format.parquet.proof.suite;

import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.ExpressionVisitors;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.Literal;
import org.apache.iceberg.expressions.UnboundPredicate;

/** Filters whose names are spelled anyhow, in the schema's spelling: our reader asks for that. */
final class CaseInsensitive extends ExpressionVisitors.ExpressionVisitor<Expression> {
  private final Schema schema;

  private CaseInsensitive(Schema schema) {
    this.schema = schema;
  }

  static Expression resolve(Schema schema, Expression filter) {
    return ExpressionVisitors.visit(filter, new CaseInsensitive(schema));
  }

  @Override
  public Expression alwaysTrue() {
    return Expressions.alwaysTrue();
  }

  @Override
  public Expression alwaysFalse() {
    return Expressions.alwaysFalse();
  }

  @Override
  public Expression not(Expression result) {
    return Expressions.not(result);
  }

  @Override
  public Expression and(Expression left, Expression right) {
    return Expressions.and(left, right);
  }

  @Override
  public Expression or(Expression left, Expression right) {
    return Expressions.or(left, right);
  }

  @Override
  public <T> Expression predicate(UnboundPredicate<T> predicate) {
    int id = schema.caseInsensitiveFindField(predicate.ref().name()).fieldId();
    return Expressions.predicate(
        predicate.op(),
        Expressions.<T>ref(schema.findColumnName(id)),
        predicate.literals().stream().map(Literal::value).toList());
  }
}
