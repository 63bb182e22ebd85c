//! Single writes of a transaction, in few words.

use crate::item::Item;
use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Delete, Put, TransactWriteItem, Update};
use ports::{ErrorKind, PortError, Result};
use std::collections::HashMap;

/// An expression with its values. Names that DynamoDB reserves are written `#name`.
#[derive(Clone, Debug, Default)]
pub(crate) struct When {
    pub(crate) condition: String,
    pub(crate) values: HashMap<String, AttributeValue>,
}

impl When {
    /// A condition with values.
    pub(crate) fn new<const N: usize>(
        condition: impl Into<String>,
        values: [(&str, AttributeValue); N],
    ) -> Self {
        Self { condition: condition.into(), values: crate::store::values(values) }
    }

    /// Nothing is there under this key yet; `key` is its partition key's name.
    pub(crate) fn new_row(key: &str) -> Self {
        Self::new(format!("attribute_not_exists(#{key})"), [])
    }

    /// Something is there under this key.
    pub(crate) fn row(key: &str) -> Self {
        Self::new(format!("attribute_exists(#{key})"), [])
    }
}

/// Puts a row.
pub(crate) fn put(table: &str, row: Item, when: Option<When>) -> Result<TransactWriteItem> {
    let mut put = Put::builder().table_name(table).set_item(Some(row));
    if let Some(When { condition, values }) = when {
        put = put
            .set_expression_attribute_names(names(&condition))
            .condition_expression(condition)
            .set_expression_attribute_values(some(values));
    }
    Ok(TransactWriteItem::builder().put(put.build().map_err(unbuilt)?).build())
}

/// Changes attributes of a row.
pub(crate) fn update(table: &str, key: Item, change: &str, when: When) -> Result<TransactWriteItem> {
    let When { condition, values } = when;
    let mut update = Update::builder()
        .table_name(table)
        .set_key(Some(key))
        .update_expression(change)
        .set_expression_attribute_names(names(&format!("{change} {condition}")))
        .set_expression_attribute_values(some(values));
    if !condition.is_empty() {
        update = update.condition_expression(condition);
    }
    Ok(TransactWriteItem::builder().update(update.build().map_err(unbuilt)?).build())
}

/// Removes a row; fine when there is none.
pub(crate) fn delete(table: &str, key: Item) -> Result<TransactWriteItem> {
    let delete = Delete::builder().table_name(table).set_key(Some(key)).build().map_err(unbuilt)?;
    Ok(TransactWriteItem::builder().delete(delete).build())
}

/// Demands something of a row that is not written.
pub(crate) fn check(table: &str, key: Item, when: When) -> Result<TransactWriteItem> {
    let check = ConditionCheck::builder()
        .table_name(table)
        .set_key(Some(key))
        .set_expression_attribute_names(names(&when.condition))
        .condition_expression(when.condition)
        .set_expression_attribute_values(some(when.values))
        .build()
        .map_err(unbuilt)?;
    Ok(TransactWriteItem::builder().condition_check(check).build())
}

/// What `#name`s of an expression stand for: attributes of the same name.
pub(crate) fn names(expression: &str) -> Option<HashMap<String, String>> {
    let mut names = HashMap::new();
    for part in expression.split('#').skip(1) {
        let name: String = part.chars().take_while(char::is_ascii_alphanumeric).collect();
        names.insert(format!("#{name}"), name);
    }
    (!names.is_empty()).then_some(names)
}

/// DynamoDB refuses an empty map of values.
pub(crate) fn some(values: HashMap<String, AttributeValue>) -> Option<HashMap<String, AttributeValue>> {
    (!values.is_empty()).then_some(values)
}

fn unbuilt(error: impl std::fmt::Display) -> PortError {
    PortError::new(ErrorKind::Malformed, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_an_expression_are_found() {
        let found = names("SET #state = :s, turn = :t REMOVE #todo").unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found["#state"], "state");
        assert_eq!(names("turn = :t"), None);
    }
}
