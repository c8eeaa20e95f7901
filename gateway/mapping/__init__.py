"""The rule language: two-way tables between trees and documents."""
